// Command list serves GET /tenants.
package main

import (
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/host"
)

func main() { host.Start(tenant.List) }
