// Command create-certified serves POST /certifiedAttributes.
package main

import (
	"ciclo/shared/attribute"
	"ciclo/shared/host"
)

func main() { host.Start(attribute.CreateCertified) }
