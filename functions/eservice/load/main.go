// Command load serves GET /eservices/{eserviceId}/load.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/purpose"
)

func main() { host.Start(purpose.Load) }
