// Command reject serves POST /agreements/{agreementId}/reject.
package main

import (
	"ciclo/shared/agreement"
	"ciclo/shared/host"
)

func main() { host.Start(agreement.Reject) }
