// Command list serves GET /clients.
package main

import (
	"ciclo/shared/client"
	"ciclo/shared/host"
)

func main() { host.Start(client.List) }
