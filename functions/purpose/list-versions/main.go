// Command list-versions serves GET /purposes/{purposeId}/versions.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/purpose"
)

func main() { host.Start(purpose.ListVersions) }
