// Command get-verified serves GET /verifiedAttributes/{attributeId}.
package main

import (
	"ciclo/shared/interop/attribute"
	"ciclo/shared/platform/host"
)

func main() { host.Start(attribute.GetVerified) }
