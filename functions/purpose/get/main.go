// Command get serves GET /purposes/{purposeId}.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/purpose"
)

func main() { host.Start(purpose.Get) }
