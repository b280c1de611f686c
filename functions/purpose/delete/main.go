// Command delete serves DELETE /purposes/{purposeId}.
package main

import (
	"ciclo/shared/interop/purpose"
	"ciclo/shared/platform/host"
)

func main() { host.Start(purpose.Delete) }
