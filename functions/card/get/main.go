// Command get serves GET /issuers/{issuerId}/cards/{cardId}.
package main

import (
	"ciclo/shared/consumer"
	"ciclo/shared/host"
)

func main() { host.Start(consumer.GetCard) }
