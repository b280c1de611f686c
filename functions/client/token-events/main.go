// Command token-events serves GET /clients/{clientId}/tokenEvents.
package main

import (
	"ciclo/shared/interop/voucher"
	"ciclo/shared/platform/host"
)

func main() { host.Start(voucher.Events) }
