// Command update-signal-hub serves PATCH /eservices/{eserviceId}/signalHub.
package main

import (
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/host"
)

func main() { host.Start(eservice.UpdateSignalHub) }
