// Command register-cards serves PUT /issuers/{issuerId}/consumers/{consumerId}/cards.
package main

import (
	"ciclo/shared/consumers/consumer"
	"ciclo/shared/platform/host"
)

func main() { host.Start(consumer.RegisterCards) }
