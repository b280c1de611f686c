// Command remaining-daily-calls serves GET /purposes/{purposeId}/remainingDailyCalls.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/purpose"
)

func main() { host.Start(purpose.RemainingDailyCalls) }
