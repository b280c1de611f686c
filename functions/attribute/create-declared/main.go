// Command create-declared serves POST /declaredAttributes.
package main

import (
	"ciclo/shared/attribute"
	"ciclo/shared/host"
)

func main() { host.Start(attribute.CreateDeclared) }
