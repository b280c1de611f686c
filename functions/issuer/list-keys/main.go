// Command list-keys serves GET /issuers/{issuerId}/keys.
package main

import (
	"ciclo/shared/consumers/issuer"
	"ciclo/shared/platform/host"
)

func main() { host.Start(issuer.ListKeys) }
