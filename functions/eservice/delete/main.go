// Command delete serves DELETE /eservices/{eserviceId}.
package main

import (
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/host"
)

func main() { host.Start(eservice.Delete) }
