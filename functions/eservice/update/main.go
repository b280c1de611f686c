// Command update serves PATCH /eservices/{eserviceId}.
package main

import (
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/host"
)

func main() { host.Start(eservice.Update) }
