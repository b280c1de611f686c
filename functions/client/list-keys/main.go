// Command list-keys serves GET /clients/{clientId}/keys.
package main

import (
	"ciclo/shared/client"
	"ciclo/shared/host"
)

func main() { host.Start(client.ListKeys) }
