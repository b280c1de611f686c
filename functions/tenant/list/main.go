// Command list serves GET /tenants.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/tenant"
)

func main() { host.Start(tenant.List) }
