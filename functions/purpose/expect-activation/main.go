// Command expect-activation serves PUT /purposes/{purposeId}/expectedActivationDate.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/purpose"
)

func main() { host.Start(purpose.ExpectActivation) }
