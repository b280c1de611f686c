// Package page puts the front office together of its wings.
package page

import (
	"ciclo/shared/office"
	"ciclo/shared/office/interop"
	"ciclo/shared/office/services"
)

// New returns the front office with the pages of all products that are deployed.
func New(c office.Config) (*office.Office, error) {
	return office.New(c, services.Wing(), interop.Wing())
}
