// Command list-declared serves GET /declaredAttributes.
package main

import (
	"ciclo/shared/interop/attribute"
	"ciclo/shared/platform/host"
)

func main() { host.Start(attribute.ListDeclared) }
