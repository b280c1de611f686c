// Command clone serves POST /agreements/{agreementId}/clone.
package main

import (
	"ciclo/shared/interop/agreement"
	"ciclo/shared/platform/host"
)

func main() { host.Start(agreement.Clone) }
