// Command jwks serves GET /.well-known/jwks.json.
package main

import (
	"ciclo/shared/interop/voucher"
	"ciclo/shared/platform/host"
	"ciclo/shared/platform/sign/kms"
)

func main() { host.Start(voucher.Keys, host.Keys(kms.Keys)) }
