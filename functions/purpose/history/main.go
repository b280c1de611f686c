// Command history serves GET /purposes/{purposeId}/history.
package main

import (
	"ciclo/shared/interop/purpose"
	"ciclo/shared/platform/host"
)

func main() { host.Start(purpose.History) }
