// Command list-certified serves GET /certifiedAttributes.
package main

import (
	"ciclo/shared/interop/attribute"
	"ciclo/shared/platform/host"
)

func main() { host.Start(attribute.ListCertified) }
