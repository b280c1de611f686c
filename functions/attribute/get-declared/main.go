// Command get-declared serves GET /declaredAttributes/{attributeId}.
package main

import (
	"ciclo/shared/attribute"
	"ciclo/shared/host"
)

func main() { host.Start(attribute.GetDeclared) }
