// Command delete-key serves DELETE /clients/{clientId}/keys/{keyId}.
package main

import (
	"ciclo/shared/interop/client"
	"ciclo/shared/platform/host"
)

func main() { host.Start(client.DeleteKey) }
