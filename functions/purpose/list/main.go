// Command list serves GET /purposes.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/purpose"
)

func main() { host.Start(purpose.List) }
