// Command get-version serves GET /purposes/{purposeId}/versions/{versionId}.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/purpose"
)

func main() { host.Start(purpose.GetVersion) }
