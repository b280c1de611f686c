// Command metadata serves GET /.well-known/oauth-authorization-server/oauth2.
package main

import (
	"ciclo/shared/consumers/issuer"
	"ciclo/shared/platform/host"
	"ciclo/shared/platform/sign/kms"
)

func main() { host.Start(issuer.Metadata, host.Keys(kms.Keys)) }
