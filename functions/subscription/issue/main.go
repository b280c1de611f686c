// Command issue makes the manage subscription that a platform operator asks for.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/seal/kms"
	"ciclo/shared/subscription"
)

func main() { host.StartJob(subscription.Issue, host.Sealer(kms.FromEnv)) }
