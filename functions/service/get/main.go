// Command get serves GET /api/v1/manage/services/{serviceId}.
package main

import (
	"ciclo/shared/platform/host"
	"ciclo/shared/services/service"
)

func main() { host.Start(service.Get) }
