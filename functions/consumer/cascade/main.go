// Command cascade finishes large deletions, fed by the stream of the consumers table.
package main

import (
	"ciclo/shared/consumers/consumer"
	"ciclo/shared/platform/host"
)

func main() { host.StartWorker(consumer.Cascade) }
