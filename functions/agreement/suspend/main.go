// Command suspend serves POST /agreements/{agreementId}/suspend.
package main

import (
	"ciclo/shared/interop/agreement"
	"ciclo/shared/platform/host"
)

func main() { host.Start(agreement.Suspend) }
