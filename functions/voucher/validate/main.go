// Command validate serves POST /tools/validateTokenGeneration.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/sign/kms"
	"ciclo/shared/voucher"
)

func main() { host.Start(voucher.Validate, host.Keys(kms.Keys)) }
