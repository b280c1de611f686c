// Command list serves GET /purposes.
package main

import (
	"ciclo/shared/interop/purpose"
	"ciclo/shared/platform/host"
)

func main() { host.Start(purpose.List) }
