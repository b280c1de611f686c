// Command archive serves POST /purposes/{purposeId}/archive.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/purpose"
)

func main() { host.Start(purpose.Archive) }
