// Command clone serves POST /agreements/{agreementId}/clone.
package main

import (
	"ciclo/shared/agreement"
	"ciclo/shared/host"
)

func main() { host.Start(agreement.Clone) }
