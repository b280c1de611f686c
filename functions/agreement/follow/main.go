// Command follow keeps agreements in step with attributes and e-services, fed by
// the stream of the interop table.
package main

import (
	"ciclo/shared/interop/agreement"
	"ciclo/shared/platform/host"
)

func main() { host.StartWorker(agreement.Follow) }
