// Command list-purposes serves GET /clients/{clientId}/purposes.
package main

import (
	"ciclo/shared/client"
	"ciclo/shared/host"
)

func main() { host.Start(client.ListPurposes) }
