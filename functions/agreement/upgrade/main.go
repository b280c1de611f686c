// Command upgrade serves POST /agreements/{agreementId}/upgrade.
package main

import (
	"ciclo/shared/interop/agreement"
	"ciclo/shared/platform/host"
)

func main() { host.Start(agreement.Upgrade) }
