// Command delete serves DELETE /eservices/{eserviceId}.
package main

import (
	"ciclo/shared/eservice"
	"ciclo/shared/host"
)

func main() { host.Start(eservice.Delete) }
