// Command unsuspend serves POST /purposes/{purposeId}/unsuspend.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/purpose"
)

func main() { host.Start(purpose.Unsuspend) }
