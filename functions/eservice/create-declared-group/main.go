// Command create-declared-group serves POST /eservices/{eserviceId}/descriptors/{descriptorId}/declaredAttributes/groups.
package main

import (
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/host"
)

func main() { host.Start(eservice.CreateDeclaredGroup) }
