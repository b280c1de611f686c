// Command purge removes expired operations, hourly.
package main

import (
	"ciclo/shared/platform/host"
	"ciclo/shared/platform/retention"
)

func main() { host.StartJob(retention.PurgeOperations) }
