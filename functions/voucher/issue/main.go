// Command issue serves POST /token.oauth2.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/sign/kms"
	"ciclo/shared/voucher"
)

func main() { host.Start(voucher.Issue, host.Signer(kms.FromEnv)) }
