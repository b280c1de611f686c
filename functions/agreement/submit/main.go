// Command submit serves POST /agreements/{agreementId}/submit.
package main

import (
	"ciclo/shared/agreement"
	"ciclo/shared/host"
)

func main() { host.Start(agreement.Submit) }
