// Command update-delegation serves PATCH /eservices/{eserviceId}/delegation.
package main

import (
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/host"
)

func main() { host.Start(eservice.UpdateDelegation) }
