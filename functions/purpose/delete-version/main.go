// Command delete-version serves DELETE /purposes/{purposeId}/versions/{versionId}.
package main

import (
	"ciclo/shared/interop/purpose"
	"ciclo/shared/platform/host"
)

func main() { host.Start(purpose.DeleteVersion) }
