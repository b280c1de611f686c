// Command approve serves POST /agreements/{agreementId}/approve.
package main

import (
	"ciclo/shared/agreement"
	"ciclo/shared/host"
)

func main() { host.Start(agreement.Approve) }
