// Command list-versions serves GET /purposes/{purposeId}/versions.
package main

import (
	"ciclo/shared/interop/purpose"
	"ciclo/shared/platform/host"
)

func main() { host.Start(purpose.ListVersions) }
