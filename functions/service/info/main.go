// Command info serves GET /api/v1/manage/info.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/service"
)

func main() { host.Start(service.Info) }
