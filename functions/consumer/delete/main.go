// Command delete serves POST /issuers/{issuerId}/consumers/{consumerId}/operations:delete.
package main

import (
	"ciclo/shared/consumers/consumer"
	"ciclo/shared/platform/host"
)

func main() { host.Start(consumer.Delete) }
