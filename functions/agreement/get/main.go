// Command get serves GET /agreements/{agreementId}.
package main

import (
	"ciclo/shared/agreement"
	"ciclo/shared/host"
)

func main() { host.Start(agreement.Get) }
