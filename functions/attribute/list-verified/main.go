// Command list-verified serves GET /verifiedAttributes.
package main

import (
	"ciclo/shared/attribute"
	"ciclo/shared/host"
)

func main() { host.Start(attribute.ListVerified) }
