// Command approve serves POST /purposes/{purposeId}/approve.
package main

import (
	"ciclo/shared/interop/purpose"
	"ciclo/shared/platform/host"
)

func main() { host.Start(purpose.Approve) }
