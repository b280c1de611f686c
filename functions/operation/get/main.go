// Command get serves GET /issuers/{issuerId}/consumers/{consumerId}/operations/{operationId}.
package main

import (
	"ciclo/shared/consumers/operation"
	"ciclo/shared/platform/host"
)

func main() { host.Start(operation.Get) }
