// Package consumers has the pages of a card issuer's help desk: it looks consumers up, sees
// their accounts, cards and operations, and deletes them on request. They speak Thales D1.
package consumers

import (
	"embed"
	"net/http"
	"net/url"
	"slices"

	"ciclo/shared/office"
)

// product is the name of the API that the pages call.
const product = "consumers"

//go:embed html/*.html
var files embed.FS

// Wing returns the pages.
func Wing() office.Wing {
	return office.Wing{
		Product: product, Files: files,
		Menu: []office.Entry{{Text: office.T("Consumatori", "Consumers"), Path: "/consumers", Area: office.Consumers}},
		Pages: []office.Page{
			{Method: http.MethodGet, Path: "/consumers", Area: office.Consumers, Serve: search},
			{Method: http.MethodGet, Path: "/consumers/{consumerId}", Area: office.Consumers, Serve: show},
			{Method: http.MethodPost, Path: "/consumers/{consumerId}/delete", Area: office.Consumers, Serve: remove},
			{Method: http.MethodGet, Path: "/consumers/{consumerId}/accounts", Area: office.Consumers, Serve: listAccounts},
			{Method: http.MethodGet, Path: "/consumers/{consumerId}/cards", Area: office.Consumers, Serve: listCards},
			{Method: http.MethodGet, Path: "/consumers/{consumerId}/operations", Area: office.Consumers, Serve: listOperations},
			{Method: http.MethodGet, Path: "/consumers/{consumerId}/operations/{operationId}", Area: office.Consumers, Serve: showOperation},
			{Method: http.MethodGet, Path: "/cards/{cardId}", Area: office.Consumers, Serve: showCard},
		},
	}
}

// desk is the card issuer whose consumers a page shows. A person who acts for several issuers
// chooses one, which is then in the URLs.
type desk struct {
	Issuer string

	visit *office.Visit
}

// queryIssuer names the issuer in URLs.
const queryIssuer = "issuer"

// at returns the issuer that a page is about. Whether the person may see it, the API says.
func at(v *office.Visit) desk {
	d := desk{Issuer: usual(v), visit: v}
	if chosen := v.Query(queryIssuer); chosen != "" {
		d.Issuer = chosen
	}
	return d
}

// usual returns the issuer of a person where none is chosen.
func usual(v *office.Visit) string {
	if len(v.Session.Issuers) > 0 {
		return v.Session.Issuers[0]
	}
	return v.Session.Organization
}

// Issuers returns the issuers that the person may choose from, none where there is no choice.
func (d desk) Issuers() []string {
	if len(d.visit.Session.Issuers) < 2 {
		return nil
	}
	return d.visit.Session.Issuers
}

// path returns the path of a page about the issuer.
func (d desk) path(segments ...string) string {
	path := joined(segments)
	if d.Issuer != usual(d.visit) {
		path += "?" + url.Values{queryIssuer: {d.Issuer}}.Encode()
	}
	return path
}

// Link returns the URL of a page about the issuer.
func (d desk) Link(segments ...string) string { return d.visit.Link(d.path(segments...)) }

// api returns a path of the API that begins with the issuer's.
func (d desk) api(segments ...string) string {
	return joined(slices.Concat([]string{"issuers", d.Issuer}, segments))
}

func joined(segments []string) (path string) {
	for _, s := range segments {
		path += "/" + url.PathEscape(s)
	}
	return path
}

// get reads a path of the API that begins with the issuer's.
func (d desk) get(out any, segments ...string) error {
	return d.visit.API(product).Get(d.api(segments...), nil, out)
}

// crumbs returns the page of the search, and that of a consumer unless id is "".
func (d desk) crumbs(id string) []office.Crumb {
	all := []office.Crumb{{Text: office.T("Consumatori", "Consumers"), Path: d.path("consumers")}}
	if id != "" {
		all = append(all, office.Crumb{Text: titleOf(id), Path: d.path("consumers", id)})
	}
	return all
}
