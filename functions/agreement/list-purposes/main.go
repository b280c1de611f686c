// Command list-purposes serves GET /agreements/{agreementId}/purposes.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/purpose"
)

func main() { host.Start(purpose.OfAgreement) }
