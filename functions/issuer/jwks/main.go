// Command jwks serves GET /oauth2/jwks.json.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/issuer"
)

func main() { host.Start(issuer.PublicKeys, host.Keys) }
