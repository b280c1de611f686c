// Command reject serves POST /purposes/{purposeId}/reject.
package main

import (
	"ciclo/shared/interop/purpose"
	"ciclo/shared/platform/host"
)

func main() { host.Start(purpose.Reject) }
