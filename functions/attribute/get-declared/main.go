// Command get-declared serves GET /declaredAttributes/{attributeId}.
package main

import (
	"ciclo/shared/interop/attribute"
	"ciclo/shared/platform/host"
)

func main() { host.Start(attribute.GetDeclared) }
