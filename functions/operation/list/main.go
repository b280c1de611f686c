// Command list serves GET /issuers/{issuerId}/consumers/{consumerId}/operations.
package main

import (
	"ciclo/shared/consumers/operation"
	"ciclo/shared/platform/host"
)

func main() { host.Start(operation.List) }
