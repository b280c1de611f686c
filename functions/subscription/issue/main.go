// Command issue makes the manage subscription that a platform operator asks for.
package main

import (
	"ciclo/shared/platform/host"
	"ciclo/shared/platform/seal/kms"
	"ciclo/shared/services/subscription"
)

func main() { host.StartJob(subscription.Issue, host.Sealer(kms.FromEnv)) }
