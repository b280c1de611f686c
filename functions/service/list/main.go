// Command list serves GET /api/v1/manage/services.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/service"
)

func main() { host.Start(service.List) }
