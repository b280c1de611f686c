// Command history serves GET /agreements/{agreementId}/history.
package main

import (
	"ciclo/shared/interop/agreement"
	"ciclo/shared/platform/host"
)

func main() { host.Start(agreement.History) }
