// Package purpose has the pages on purposes, their estimates of load and who decides on them.
package purpose

import (
	"embed"
	"net/http"
	"net/url"
	"strings"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
)

//go:embed html/*.html
var files embed.FS

// Wing returns the pages with their entry of the menu.
func Wing() office.Wing {
	return office.Wing{
		Product: m2m.Product, Files: files, Pages: pages(),
		Menu: []office.Entry{{Text: office.T("Finalità", "Purposes"), Path: "/purposes", Area: office.Interop}},
	}
}

// pages are the pages on purposes.
func pages() []office.Page {
	get := func(path string, serve func(*office.Visit) (*office.View, error)) office.Page {
		return office.Page{Method: http.MethodGet, Path: path, Area: office.Interop, Serve: serve}
	}
	post := func(path string, serve func(*office.Visit) (*office.View, error)) office.Page {
		return office.Page{Method: http.MethodPost, Path: path, Area: office.Interop, Serve: serve}
	}
	return []office.Page{
		get("/purposes", list),
		get("/purposes/new", showNew),
		post("/purposes/new", create),
		get("/purposes/{purposeId}", show),
		post("/purposes/{purposeId}/actions/{action}", act),
		get("/purposes/{purposeId}/edit", showEdit),
		post("/purposes/{purposeId}/edit", update),
		get("/purposes/{purposeId}/estimate", showEstimate),
		post("/purposes/{purposeId}/estimate", sendEstimate),
		get("/purposes/{purposeId}/clone", askClone),
		post("/purposes/{purposeId}/clone", sendClone),
		get("/purposes/{purposeId}/clients", showClients),
	}
}

// apiPath returns the path of a purpose in the API, with what is below it.
func apiPath(id string, below ...string) string {
	return "/purposes/" + strings.Join(append([]string{url.PathEscape(id)}, below...), "/")
}

// crumbs are the pages above a page of a purpose.
func crumbs(of ...*m2m.Purpose) []office.Crumb {
	all := []office.Crumb{{Text: office.T("Finalità", "Purposes"), Path: "/purposes"}}
	for _, p := range of {
		all = append(all, office.Crumb{Text: office.Same(p.Title), Path: "/purposes/" + p.ID})
	}
	return all
}
