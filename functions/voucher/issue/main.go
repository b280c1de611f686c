// Command issue serves POST /token.oauth2.
package main

import (
	"ciclo/shared/interop/voucher"
	"ciclo/shared/platform/host"
	"ciclo/shared/platform/sign/kms"
)

func main() { host.Start(voucher.Issue, host.Signer(kms.FromEnv)) }
