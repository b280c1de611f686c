// Command get serves GET /issuers/{issuerId}/consumers/{consumerId}/operations/{operationId}.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/operation"
)

func main() { host.Start(operation.Get) }
