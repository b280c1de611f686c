// Command unsuspend serves POST /agreements/{agreementId}/unsuspend.
package main

import (
	"ciclo/shared/agreement"
	"ciclo/shared/host"
)

func main() { host.Start(agreement.Unsuspend) }
