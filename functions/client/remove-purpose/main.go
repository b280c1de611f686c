// Command remove-purpose serves DELETE /clients/{clientId}/purposes/{purposeId}.
package main

import (
	"ciclo/shared/client"
	"ciclo/shared/host"
)

func main() { host.Start(client.RemovePurpose) }
