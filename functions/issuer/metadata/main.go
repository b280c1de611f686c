// Command metadata serves GET /.well-known/oauth-authorization-server/oauth2.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/issuer"
)

func main() { host.Start(issuer.Metadata, host.Keys) }
