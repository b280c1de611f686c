// Command token-events serves GET /clients/{clientId}/tokenEvents.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/voucher"
)

func main() { host.Start(voucher.Events) }
