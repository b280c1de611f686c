// Command archive serves POST /agreements/{agreementId}/archive.
package main

import (
	"ciclo/shared/agreement"
	"ciclo/shared/host"
)

func main() { host.Start(agreement.Archive) }
