// Command create serves POST /purposes.
package main

import (
	"ciclo/shared/interop/purpose"
	"ciclo/shared/platform/host"
)

func main() { host.Start(purpose.Create) }
