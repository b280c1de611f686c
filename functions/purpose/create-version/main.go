// Command create-version serves POST /purposes/{purposeId}/versions.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/purpose"
)

func main() { host.Start(purpose.CreateVersion) }
