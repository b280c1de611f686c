// Command jwks serves GET /oauth2/jwks.json.
package main

import (
	"ciclo/shared/consumers/issuer"
	"ciclo/shared/platform/host"
	"ciclo/shared/platform/sign/kms"
)

func main() { host.Start(issuer.PublicKeys, host.Keys(kms.Keys)) }
