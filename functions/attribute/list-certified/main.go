// Command list-certified serves GET /certifiedAttributes.
package main

import (
	"ciclo/shared/attribute"
	"ciclo/shared/host"
)

func main() { host.Start(attribute.ListCertified) }
