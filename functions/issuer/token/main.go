// Command token serves POST /oauth2/token.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/issuer"
	"ciclo/shared/sign/kms"
)

func main() { host.Start(issuer.Token, host.Signer(kms.FromEnv)) }
