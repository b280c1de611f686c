// Command set-personal-data serves POST /eservices/{eserviceId}/personalDataFlag.
package main

import (
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/host"
)

func main() { host.Start(eservice.SetPersonalData) }
