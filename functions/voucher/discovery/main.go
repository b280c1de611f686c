// Command discovery serves GET /.well-known/openid-configuration.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/sign/kms"
	"ciclo/shared/voucher"
)

func main() { host.Start(voucher.Discovery, host.Keys(kms.Keys)) }
