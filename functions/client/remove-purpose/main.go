// Command remove-purpose serves DELETE /clients/{clientId}/purposes/{purposeId}.
package main

import (
	"ciclo/shared/interop/client"
	"ciclo/shared/platform/host"
)

func main() { host.Start(client.RemovePurpose) }
