// Command register serves PUT /issuers/{issuerId}/accounts/{accountId}.
package main

import (
	"ciclo/shared/consumers/consumer"
	"ciclo/shared/platform/host"
)

func main() { host.Start(consumer.RegisterAccount) }
