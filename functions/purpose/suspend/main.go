// Command suspend serves POST /purposes/{purposeId}/suspend.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/purpose"
)

func main() { host.Start(purpose.Suspend) }
