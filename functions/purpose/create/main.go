// Command create serves POST /purposes.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/purpose"
)

func main() { host.Start(purpose.Create) }
