// Command update-name serves PATCH /eservices/{eserviceId}/name.
package main

import (
	"ciclo/shared/eservice"
	"ciclo/shared/host"
)

func main() { host.Start(eservice.UpdateName) }
