package interop

import "ciclo/shared/office"

// agreementPages are the pages on agreements.
func agreementPages() []office.Page { return nil }
