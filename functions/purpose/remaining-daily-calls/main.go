// Command remaining-daily-calls serves GET /purposes/{purposeId}/remainingDailyCalls.
package main

import (
	"ciclo/shared/interop/purpose"
	"ciclo/shared/platform/host"
)

func main() { host.Start(purpose.RemainingDailyCalls) }
