// Command list-cards serves GET /issuers/{issuerId}/consumers/{consumerId}/cards.
package main

import (
	"ciclo/shared/consumer"
	"ciclo/shared/host"
)

func main() { host.Start(consumer.ListCards) }
