// Command discovery serves GET /.well-known/openid-configuration.
package main

import (
	"ciclo/shared/interop/voucher"
	"ciclo/shared/platform/host"
	"ciclo/shared/platform/sign/kms"
)

func main() { host.Start(voucher.Discovery, host.Keys(kms.Keys)) }
