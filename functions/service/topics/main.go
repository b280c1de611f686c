// Command topics serves GET /api/v1/manage/services/topics.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/service"
)

func main() { host.Start(service.Topics) }
