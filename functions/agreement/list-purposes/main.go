// Command list-purposes serves GET /agreements/{agreementId}/purposes.
package main

import (
	"ciclo/shared/interop/purpose"
	"ciclo/shared/platform/host"
)

func main() { host.Start(purpose.OfAgreement) }
