// Command register serves PUT /issuers/{issuerId}/consumers/{consumerId}.
package main

import (
	"ciclo/shared/consumers/consumer"
	"ciclo/shared/platform/host"
)

func main() { host.Start(consumer.Register) }
