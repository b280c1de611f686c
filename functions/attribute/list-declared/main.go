// Command list-declared serves GET /declaredAttributes.
package main

import (
	"ciclo/shared/attribute"
	"ciclo/shared/host"
)

func main() { host.Start(attribute.ListDeclared) }
