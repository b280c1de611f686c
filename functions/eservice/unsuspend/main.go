// Command unsuspend serves POST /eservices/{eserviceId}/descriptors/{descriptorId}/unsuspend.
package main

import (
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/host"
)

func main() { host.Start(eservice.Unsuspend) }
