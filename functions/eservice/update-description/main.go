// Command update-description serves PATCH /eservices/{eserviceId}/description.
package main

import (
	"ciclo/shared/eservice"
	"ciclo/shared/host"
)

func main() { host.Start(eservice.UpdateDescription) }
