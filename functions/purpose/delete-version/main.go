// Command delete-version serves DELETE /purposes/{purposeId}/versions/{versionId}.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/purpose"
)

func main() { host.Start(purpose.DeleteVersion) }
