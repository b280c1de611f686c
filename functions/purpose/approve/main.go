// Command approve serves POST /purposes/{purposeId}/approve.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/purpose"
)

func main() { host.Start(purpose.Approve) }
