// Command register serves PUT /issuers/{issuerId}/accounts/{accountId}.
package main

import (
	"ciclo/shared/consumer"
	"ciclo/shared/host"
)

func main() { host.Start(consumer.RegisterAccount) }
