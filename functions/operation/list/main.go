// Command list serves GET /issuers/{issuerId}/consumers/{consumerId}/operations.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/operation"
)

func main() { host.Start(operation.List) }
