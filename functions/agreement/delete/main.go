// Command delete serves DELETE /agreements/{agreementId}.
package main

import (
	"ciclo/shared/agreement"
	"ciclo/shared/host"
)

func main() { host.Start(agreement.Delete) }
