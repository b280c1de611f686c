// Command archive serves POST /purposes/{purposeId}/archive.
package main

import (
	"ciclo/shared/interop/purpose"
	"ciclo/shared/platform/host"
)

func main() { host.Start(purpose.Archive) }
