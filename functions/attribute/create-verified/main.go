// Command create-verified serves POST /verifiedAttributes.
package main

import (
	"ciclo/shared/interop/attribute"
	"ciclo/shared/platform/host"
)

func main() { host.Start(attribute.CreateVerified) }
