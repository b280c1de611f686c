// Command register serves PUT /issuers/{issuerId}/consumers/{consumerId}.
package main

import (
	"ciclo/shared/consumer"
	"ciclo/shared/host"
)

func main() { host.Start(consumer.Register) }
