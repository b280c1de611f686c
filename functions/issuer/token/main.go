// Command token serves POST /oauth2/token.
package main

import (
	"ciclo/shared/consumers/issuer"
	"ciclo/shared/platform/host"
	"ciclo/shared/platform/sign/kms"
)

func main() { host.Start(issuer.Token, host.Signer(kms.FromEnv)) }
