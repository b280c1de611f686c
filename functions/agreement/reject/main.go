// Command reject serves POST /agreements/{agreementId}/reject.
package main

import (
	"ciclo/shared/interop/agreement"
	"ciclo/shared/platform/host"
)

func main() { host.Start(agreement.Reject) }
