// Command unsuspend serves POST /agreements/{agreementId}/unsuspend.
package main

import (
	"ciclo/shared/interop/agreement"
	"ciclo/shared/platform/host"
)

func main() { host.Start(agreement.Unsuspend) }
