// Command approve serves POST /agreements/{agreementId}/approve.
package main

import (
	"ciclo/shared/interop/agreement"
	"ciclo/shared/platform/host"
)

func main() { host.Start(agreement.Approve) }
