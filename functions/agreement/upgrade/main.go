// Command upgrade serves POST /agreements/{agreementId}/upgrade.
package main

import (
	"ciclo/shared/agreement"
	"ciclo/shared/host"
)

func main() { host.Start(agreement.Upgrade) }
