// Command get-certified serves GET /certifiedAttributes/{attributeId}.
package main

import (
	"ciclo/shared/attribute"
	"ciclo/shared/host"
)

func main() { host.Start(attribute.GetCertified) }
