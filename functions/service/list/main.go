// Command list serves GET /api/v1/manage/services.
package main

import (
	"ciclo/shared/platform/host"
	"ciclo/shared/services/service"
)

func main() { host.Start(service.List) }
