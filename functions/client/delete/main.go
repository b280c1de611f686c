// Command delete serves DELETE /clients/{clientId}.
package main

import (
	"ciclo/shared/client"
	"ciclo/shared/host"
)

func main() { host.Start(client.Delete) }
