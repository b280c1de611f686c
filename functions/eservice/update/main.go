// Command update serves PATCH /eservices/{eserviceId}.
package main

import (
	"ciclo/shared/eservice"
	"ciclo/shared/host"
)

func main() { host.Start(eservice.Update) }
