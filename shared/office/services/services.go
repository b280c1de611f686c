// Package services has the pages on the services of a public body: its list, each service
// with its review and publication, and the queue of reviewers. They speak the manage API of
// App IO.
package services

import (
	"embed"
	"net/http"
	"slices"

	"ciclo/shared/office"
)

// product is the name of the API that the pages call.
const product = "services"

// base precedes the paths of the API.
const base = "/api/v1/manage"

//go:embed html/*.html
var files embed.FS

// Wing returns the pages.
func Wing() office.Wing {
	return office.Wing{
		Product: product, Files: files,
		Menu:  []office.Entry{{Text: office.T("Servizi", "Services"), Path: "/services", Area: office.Services}, reviewMenu()},
		Pages: slices.Concat(ownerPages(), actionPages(), reviewPages()),
	}
}

// ownerPages returns the pages of those who own services.
func ownerPages() []office.Page {
	page := func(method, path string, serve func(*office.Visit) (*office.View, error)) office.Page {
		return office.Page{Method: method, Path: path, Area: office.Services, Serve: serve}
	}
	return []office.Page{
		page(http.MethodGet, "/services", list),
		page(http.MethodGet, "/services/new", askNew),
		page(http.MethodPost, "/services/new", create),
		page(http.MethodGet, "/services/{serviceId}", detailOf),
		page(http.MethodGet, "/services/{serviceId}/edit/{step}", askEdit),
		page(http.MethodPost, "/services/{serviceId}/edit/{step}", edit),
		page(http.MethodGet, "/services/{serviceId}/history", showHistory),
		page(http.MethodGet, "/services/{serviceId}/logo", askLogo),
		page(http.MethodGet, "/services/{serviceId}/logo.png", showLogo),
		page(http.MethodPost, "/services/{serviceId}/logo", sendLogo),
		page(http.MethodPost, "/services/{serviceId}/keys/{keyType}", regenerate),
	}
}
