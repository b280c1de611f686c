// Command delete serves DELETE /agreements/{agreementId}.
package main

import (
	"ciclo/shared/interop/agreement"
	"ciclo/shared/platform/host"
)

func main() { host.Start(agreement.Delete) }
