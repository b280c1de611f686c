// Command get serves GET /clients/{clientId}.
package main

import (
	"ciclo/shared/client"
	"ciclo/shared/host"
)

func main() { host.Start(client.Get) }
