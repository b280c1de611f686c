// Command unsuspend serves POST /purposes/{purposeId}/unsuspend.
package main

import (
	"ciclo/shared/interop/purpose"
	"ciclo/shared/platform/host"
)

func main() { host.Start(purpose.Unsuspend) }
