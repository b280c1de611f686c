// Command get serves GET /clients/{clientId}.
package main

import (
	"ciclo/shared/interop/client"
	"ciclo/shared/platform/host"
)

func main() { host.Start(client.Get) }
