// Command metadata serves GET /.well-known/oauth-authorization-server/oauth2.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/issuer"
	"ciclo/shared/sign/kms"
)

func main() { host.Start(issuer.Metadata, host.Keys(kms.Keys)) }
