// Command jwks serves GET /oauth2/jwks.json.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/issuer"
	"ciclo/shared/sign/kms"
)

func main() { host.Start(issuer.PublicKeys, host.Keys(kms.Keys)) }
