// Command load serves GET /eservices/{eserviceId}/load.
package main

import (
	"ciclo/shared/interop/purpose"
	"ciclo/shared/platform/host"
)

func main() { host.Start(purpose.Load) }
