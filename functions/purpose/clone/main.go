// Command clone serves POST /purposes/{purposeId}/clone.
package main

import (
	"ciclo/shared/interop/purpose"
	"ciclo/shared/platform/host"
)

func main() { host.Start(purpose.Clone) }
