// Command register-key serves PUT /issuers/{issuerId}/keys/{kid}.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/issuer"
)

func main() { host.Start(issuer.RegisterKey) }
