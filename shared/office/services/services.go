// Package services has the pages on the services of a public body: its list, each service
// with its review and publication, and the queue of reviewers. They speak the manage API of
// App IO.
package services

import (
	"embed"
	"net/http"

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
		Menu: []office.Entry{{Text: office.T("Servizi", "Services"), Path: "/services", Area: office.Services}},
		Pages: []office.Page{
			{Method: http.MethodGet, Path: "/services", Area: office.Services, Serve: list},
		},
	}
}
