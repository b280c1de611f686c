// Command get serves GET /keys/{kid}.
package main

import (
	"ciclo/shared/interop/client"
	"ciclo/shared/platform/host"
)

func main() { host.Start(client.GetKey) }
