// Command register serves PUT /issuers/{issuerId}/cards/{cardId}/digitalCards/{digitalCardId}.
package main

import (
	"ciclo/shared/consumers/consumer"
	"ciclo/shared/platform/host"
)

func main() { host.Start(consumer.RegisterDigitalCard) }
