// Command unsuspend serves POST /eservices/{eserviceId}/descriptors/{descriptorId}/unsuspend.
package main

import (
	"ciclo/shared/eservice"
	"ciclo/shared/host"
)

func main() { host.Start(eservice.Unsuspend) }
