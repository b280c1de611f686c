// Command activate serves POST /purposes/{purposeId}/activate.
package main

import (
	"ciclo/shared/interop/purpose"
	"ciclo/shared/platform/host"
)

func main() { host.Start(purpose.Activate) }
