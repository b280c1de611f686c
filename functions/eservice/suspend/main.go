// Command suspend serves POST /eservices/{eserviceId}/descriptors/{descriptorId}/suspend.
package main

import (
	"ciclo/shared/eservice"
	"ciclo/shared/host"
)

func main() { host.Start(eservice.Suspend) }
