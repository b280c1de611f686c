// Command expire tells of verifications of attributes that have expired, every few
// minutes.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/tenant"
)

func main() { host.StartJob(tenant.Expire) }
