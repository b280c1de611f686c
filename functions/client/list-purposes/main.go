// Command list-purposes serves GET /clients/{clientId}/purposes.
package main

import (
	"ciclo/shared/interop/client"
	"ciclo/shared/platform/host"
)

func main() { host.Start(client.ListPurposes) }
