// Command get-agreement serves GET /purposes/{purposeId}/agreement.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/purpose"
)

func main() { host.Start(purpose.GetAgreement) }
