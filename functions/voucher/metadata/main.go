// Command metadata serves GET /.well-known/oauth-authorization-server.
package main

import (
	"ciclo/shared/interop/voucher"
	"ciclo/shared/platform/host"
	"ciclo/shared/platform/sign/kms"
)

func main() { host.Start(voucher.Metadata, host.Keys(kms.Keys)) }
