// Command cascade finishes large deletions, fed by the stream of the consumers table.
package main

import (
	"ciclo/shared/consumer"
	"ciclo/shared/host"
)

func main() { host.StartWorker(consumer.Cascade) }
