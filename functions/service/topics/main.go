// Command topics serves GET /api/v1/manage/services/topics.
package main

import (
	"ciclo/shared/platform/host"
	"ciclo/shared/services/service"
)

func main() { host.Start(service.Topics) }
