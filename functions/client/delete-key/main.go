// Command delete-key serves DELETE /clients/{clientId}/keys/{keyId}.
package main

import (
	"ciclo/shared/client"
	"ciclo/shared/host"
)

func main() { host.Start(client.DeleteKey) }
