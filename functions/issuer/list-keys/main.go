// Command list-keys serves GET /issuers/{issuerId}/keys.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/issuer"
)

func main() { host.Start(issuer.ListKeys) }
