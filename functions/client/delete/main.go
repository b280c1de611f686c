// Command delete serves DELETE /clients/{clientId}.
package main

import (
	"ciclo/shared/interop/client"
	"ciclo/shared/platform/host"
)

func main() { host.Start(client.Delete) }
