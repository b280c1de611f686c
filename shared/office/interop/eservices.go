package interop

import "ciclo/shared/office"

// eservicePages are the pages on eservices.
func eservicePages() []office.Page { return nil }
