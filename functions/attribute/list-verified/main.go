// Command list-verified serves GET /verifiedAttributes.
package main

import (
	"ciclo/shared/interop/attribute"
	"ciclo/shared/platform/host"
)

func main() { host.Start(attribute.ListVerified) }
