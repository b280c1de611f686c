// Package operator has the pages for the platform's operator: how the purge, the ledger and
// the workers do, and who has keys. They call the APIs of all products that are deployed.
package operator

import (
	"embed"
	"net/http"

	"ciclo/shared/office"
)

// Names of the APIs that the pages call.
const (
	consumers = "consumers"
	interop   = "interop"
	services  = "services"
)

//go:embed html/*.html
var files embed.FS

// Wing returns the pages.
func Wing() office.Wing {
	return office.Wing{
		Files: files,
		Menu:  []office.Entry{{Text: office.T("Piattaforma", "Platform"), Path: "/platform", Area: office.Platform}},
		Pages: []office.Page{
			{Method: http.MethodGet, Path: "/platform", Area: office.Platform, Serve: show},
			{Method: http.MethodPost, Path: "/platform/purge", Area: office.Platform, Serve: run},
			{Method: http.MethodGet, Path: "/platform/ledger", Area: office.Platform, Serve: checkLedger},
		},
	}
}

// refused returns the refusal that an error is, for the section of a page that shows it. Any
// other error, and a credential that is not valid, are the page's.
func refused(err error) (*office.Refusal, error) {
	if refusal, ok := office.Refused(err); ok && refusal.Status != http.StatusUnauthorized {
		return refusal, nil
	}
	return nil, err
}
