// Command get serves GET /issuers/{issuerId}/cards/{cardId}.
package main

import (
	"ciclo/shared/consumers/consumer"
	"ciclo/shared/platform/host"
)

func main() { host.Start(consumer.GetCard) }
