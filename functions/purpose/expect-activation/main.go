// Command expect-activation serves PUT /purposes/{purposeId}/expectedActivationDate.
package main

import (
	"ciclo/shared/interop/purpose"
	"ciclo/shared/platform/host"
)

func main() { host.Start(purpose.ExpectActivation) }
