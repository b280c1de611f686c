// Command submit serves POST /agreements/{agreementId}/submit.
package main

import (
	"ciclo/shared/interop/agreement"
	"ciclo/shared/platform/host"
)

func main() { host.Start(agreement.Submit) }
