// Command list-keys serves GET /clients/{clientId}/keys.
package main

import (
	"ciclo/shared/interop/client"
	"ciclo/shared/platform/host"
)

func main() { host.Start(client.ListKeys) }
