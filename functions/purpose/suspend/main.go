// Command suspend serves POST /purposes/{purposeId}/suspend.
package main

import (
	"ciclo/shared/interop/purpose"
	"ciclo/shared/platform/host"
)

func main() { host.Start(purpose.Suspend) }
