// Command reject serves POST /purposes/{purposeId}/reject.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/purpose"
)

func main() { host.Start(purpose.Reject) }
