// Command get-certified serves GET /certifiedAttributes/{attributeId}.
package main

import (
	"ciclo/shared/interop/attribute"
	"ciclo/shared/platform/host"
)

func main() { host.Start(attribute.GetCertified) }
