// Package interop has the pages on what organizations exchange data by: a package for each
// kind of thing, with its templates. They speak PDND's M2M API, at the plain paths, where
// answers say which actions are allowed. What several of them read in the same way is in m2m.
package interop

import (
	"ciclo/shared/office"
	"ciclo/shared/office/interop/agreement"
	"ciclo/shared/office/interop/attribute"
	"ciclo/shared/office/interop/client"
	"ciclo/shared/office/interop/debug"
	"ciclo/shared/office/interop/eservice"
	"ciclo/shared/office/interop/purpose"
)

// Wings returns the pages, in the order of the menu.
func Wings() []office.Wing {
	return []office.Wing{
		eservice.Wing(), agreement.Wing(), purpose.Wing(), client.Wing(), attribute.Wing(), debug.Wing(),
	}
}
