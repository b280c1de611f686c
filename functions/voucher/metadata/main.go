// Command metadata serves GET /.well-known/oauth-authorization-server.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/sign/kms"
	"ciclo/shared/voucher"
)

func main() { host.Start(voucher.Metadata, host.Keys(kms.Keys)) }
