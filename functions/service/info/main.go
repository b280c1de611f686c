// Command info serves GET /api/v1/manage/info.
package main

import (
	"ciclo/shared/platform/host"
	"ciclo/shared/services/service"
)

func main() { host.Start(service.Info) }
