// Command jwks serves GET /.well-known/jwks.json.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/sign/kms"
	"ciclo/shared/voucher"
)

func main() { host.Start(voucher.Keys, host.Keys(kms.Keys)) }
