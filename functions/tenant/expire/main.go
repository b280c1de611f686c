// Command expire tells of verifications of attributes that have expired, every few
// minutes.
package main

import (
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/host"
)

func main() { host.StartJob(tenant.Expire) }
