// Command get-agreement serves GET /purposes/{purposeId}/agreement.
package main

import (
	"ciclo/shared/interop/purpose"
	"ciclo/shared/platform/host"
)

func main() { host.Start(purpose.GetAgreement) }
