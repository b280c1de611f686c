// Command clone serves POST /purposes/{purposeId}/clone.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/purpose"
)

func main() { host.Start(purpose.Clone) }
