// Command list-purposes serves GET /agreements/{agreementId}/purposes.
package main

import (
	"ciclo/shared/agreement"
	"ciclo/shared/host"
)

func main() { host.Start(agreement.ListPurposes) }
