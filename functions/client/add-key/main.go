// Command add-key serves POST /clients/{clientId}/keys.
package main

import (
	"ciclo/shared/client"
	"ciclo/shared/host"
)

func main() { host.Start(client.AddKey) }
