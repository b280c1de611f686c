// Command update-quotas serves PATCH /eservices/{eserviceId}/descriptors/{descriptorId}/quotas.
package main

import (
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/host"
)

func main() { host.Start(eservice.UpdateQuotas) }
