// Command suspend serves POST /agreements/{agreementId}/suspend.
package main

import (
	"ciclo/shared/agreement"
	"ciclo/shared/host"
)

func main() { host.Start(agreement.Suspend) }
