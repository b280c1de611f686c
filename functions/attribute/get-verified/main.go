// Command get-verified serves GET /verifiedAttributes/{attributeId}.
package main

import (
	"ciclo/shared/attribute"
	"ciclo/shared/host"
)

func main() { host.Start(attribute.GetVerified) }
