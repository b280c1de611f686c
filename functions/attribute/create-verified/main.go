// Command create-verified serves POST /verifiedAttributes.
package main

import (
	"ciclo/shared/attribute"
	"ciclo/shared/host"
)

func main() { host.Start(attribute.CreateVerified) }
