// Command get serves GET /api/v1/manage/services/{serviceId}.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/service"
)

func main() { host.Start(service.Get) }
