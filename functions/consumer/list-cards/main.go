// Command list-cards serves GET /issuers/{issuerId}/consumers/{consumerId}/cards.
package main

import (
	"ciclo/shared/consumers/consumer"
	"ciclo/shared/platform/host"
)

func main() { host.Start(consumer.ListCards) }
