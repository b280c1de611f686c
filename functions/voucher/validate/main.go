// Command validate serves POST /tools/validateTokenGeneration.
package main

import (
	"ciclo/shared/interop/voucher"
	"ciclo/shared/platform/host"
	"ciclo/shared/platform/sign/kms"
)

func main() { host.Start(voucher.Validate, host.Keys(kms.Keys)) }
