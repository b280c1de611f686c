// Command archive serves POST /agreements/{agreementId}/archive.
package main

import (
	"ciclo/shared/interop/agreement"
	"ciclo/shared/platform/host"
)

func main() { host.Start(agreement.Archive) }
