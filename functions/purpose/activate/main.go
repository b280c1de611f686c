// Command activate serves POST /purposes/{purposeId}/activate.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/purpose"
)

func main() { host.Start(purpose.Activate) }
