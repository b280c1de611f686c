// Package page puts the front office together of its wings.
package page

import (
	"slices"

	"ciclo/shared/office"
	"ciclo/shared/office/consumers"
	"ciclo/shared/office/interop"
	"ciclo/shared/office/operator"
	"ciclo/shared/office/services"
)

// Wings are the areas of the office.
func Wings() []office.Wing {
	return slices.Concat([]office.Wing{services.Wing()}, interop.Wings(), []office.Wing{consumers.Wing(), operator.Wing()})
}

// New returns the front office with the pages of all products that are deployed, and more
// wings.
func New(c office.Config, more ...office.Wing) (*office.Office, error) {
	return office.New(c, append(Wings(), more...)...)
}
