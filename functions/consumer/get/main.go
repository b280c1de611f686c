// Command get serves GET /issuers/{issuerId}/consumers/{consumerId}.
package main

import (
	"ciclo/shared/consumers/consumer"
	"ciclo/shared/platform/host"
)

func main() { host.Start(consumer.Get) }
