// Command delete serves POST /issuers/{issuerId}/consumers/{consumerId}/operations:delete.
package main

import (
	"ciclo/shared/consumer"
	"ciclo/shared/host"
)

func main() { host.Start(consumer.Delete) }
