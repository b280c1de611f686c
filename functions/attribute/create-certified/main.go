// Command create-certified serves POST /certifiedAttributes.
package main

import (
	"ciclo/shared/interop/attribute"
	"ciclo/shared/platform/host"
)

func main() { host.Start(attribute.CreateCertified) }
