// Package interop has the pages on what organizations exchange data by: e-services,
// agreements, purposes, clients and their keys. They speak PDND's M2M API, at the plain
// paths, where answers say which actions are allowed.
package interop

import (
	"embed"
	"slices"

	"ciclo/shared/office"
)

// product is the name of the API that the pages call.
const product = "interop"

//go:embed html/*.html
var files embed.FS

// Wing returns the pages.
func Wing() office.Wing {
	return office.Wing{
		Product: product, Files: files,
		Menu: []office.Entry{
			{Text: office.T("E-service", "E-services"), Path: "/eservices", Area: office.Interop},
			{Text: office.T("Richieste di fruizione", "Agreements"), Path: "/agreements", Area: office.Interop},
			{Text: office.T("Finalità", "Purposes"), Path: "/purposes", Area: office.Interop},
			{Text: office.T("Client e chiavi", "Clients and keys"), Path: "/clients", Area: office.Interop},
			{Text: office.T("Attributi", "Attributes"), Path: "/attributes", Area: office.Interop},
			{Text: office.T("Debug client assertion", "Debug a client assertion"), Path: "/debug", Area: office.Interop},
		},
		Pages: slices.Concat(eservicePages(), agreementPages(), purposePages(), clientPages(), debugPages()),
	}
}
