// Command history serves GET /agreements/{agreementId}/history.
package main

import (
	"ciclo/shared/agreement"
	"ciclo/shared/host"
)

func main() { host.Start(agreement.History) }
