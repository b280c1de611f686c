// Command history serves GET /api/v1/manage/services/{serviceId}/history.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/service"
)

func main() { host.Start(service.History) }
