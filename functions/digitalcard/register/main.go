// Command register serves PUT /issuers/{issuerId}/cards/{cardId}/digitalCards/{digitalCardId}.
package main

import (
	"ciclo/shared/consumer"
	"ciclo/shared/host"
)

func main() { host.Start(consumer.RegisterDigitalCard) }
