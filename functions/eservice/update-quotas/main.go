// Command update-quotas serves PATCH /eservices/{eserviceId}/descriptors/{descriptorId}/quotas.
package main

import (
	"ciclo/shared/eservice"
	"ciclo/shared/host"
)

func main() { host.Start(eservice.UpdateQuotas) }
