// Command update-description serves PATCH /eservices/{eserviceId}/description.
package main

import (
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/host"
)

func main() { host.Start(eservice.UpdateDescription) }
