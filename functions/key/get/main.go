// Command get serves GET /keys/{kid}.
package main

import (
	"ciclo/shared/client"
	"ciclo/shared/host"
)

func main() { host.Start(client.GetKey) }
