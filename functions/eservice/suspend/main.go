// Command suspend serves POST /eservices/{eserviceId}/descriptors/{descriptorId}/suspend.
package main

import (
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/host"
)

func main() { host.Start(eservice.Suspend) }
