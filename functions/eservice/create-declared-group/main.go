// Command create-declared-group serves POST /eservices/{eserviceId}/descriptors/{descriptorId}/declaredAttributes/groups.
package main

import (
	"ciclo/shared/eservice"
	"ciclo/shared/host"
)

func main() { host.Start(eservice.CreateDeclaredGroup) }
