// Command update-delegation serves PATCH /eservices/{eserviceId}/delegation.
package main

import (
	"ciclo/shared/eservice"
	"ciclo/shared/host"
)

func main() { host.Start(eservice.UpdateDelegation) }
