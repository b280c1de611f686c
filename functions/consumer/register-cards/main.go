// Command register-cards serves PUT /issuers/{issuerId}/consumers/{consumerId}/cards.
package main

import (
	"ciclo/shared/consumer"
	"ciclo/shared/host"
)

func main() { host.Start(consumer.RegisterCards) }
