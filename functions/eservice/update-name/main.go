// Command update-name serves PATCH /eservices/{eserviceId}/name.
package main

import (
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/host"
)

func main() { host.Start(eservice.UpdateName) }
