// Command create serves POST /agreements.
package main

import (
	"ciclo/shared/interop/agreement"
	"ciclo/shared/platform/host"
)

func main() { host.Start(agreement.Create) }
