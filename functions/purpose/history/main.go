// Command history serves GET /purposes/{purposeId}/history.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/purpose"
)

func main() { host.Start(purpose.History) }
