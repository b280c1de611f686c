package interop

import "ciclo/shared/office"

// clientPages are the pages on clients.
func clientPages() []office.Page { return nil }
