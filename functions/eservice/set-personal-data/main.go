// Command set-personal-data serves POST /eservices/{eserviceId}/personalDataFlag.
package main

import (
	"ciclo/shared/eservice"
	"ciclo/shared/host"
)

func main() { host.Start(eservice.SetPersonalData) }
