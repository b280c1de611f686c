// Command create serves POST /eservices.
package main

import (
	"ciclo/shared/eservice"
	"ciclo/shared/host"
)

func main() { host.Start(eservice.Create) }
