// Command add-purpose serves POST /clients/{clientId}/purposes.
package main

import (
	"ciclo/shared/client"
	"ciclo/shared/host"
)

func main() { host.Start(client.AddPurpose) }
