// Command add-purpose serves POST /clients/{clientId}/purposes.
package main

import (
	"ciclo/shared/interop/client"
	"ciclo/shared/platform/host"
)

func main() { host.Start(client.AddPurpose) }
