// Command purge removes expired operations, hourly.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/retention"
)

func main() { host.StartJob(retention.PurgeOperations) }
