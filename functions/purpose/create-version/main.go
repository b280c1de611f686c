// Command create-version serves POST /purposes/{purposeId}/versions.
package main

import (
	"ciclo/shared/interop/purpose"
	"ciclo/shared/platform/host"
)

func main() { host.Start(purpose.CreateVersion) }
