// Command update serves PATCH /purposes/{purposeId}.
package main

import (
	"ciclo/shared/interop/purpose"
	"ciclo/shared/platform/host"
)

func main() { host.Start(purpose.Update) }
