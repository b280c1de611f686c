// Command update-signal-hub serves PATCH /eservices/{eserviceId}/signalHub.
package main

import (
	"ciclo/shared/eservice"
	"ciclo/shared/host"
)

func main() { host.Start(eservice.UpdateSignalHub) }
