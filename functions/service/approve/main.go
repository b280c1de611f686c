// Command approve serves POST /api/v1/manage/services/{serviceId}/review/approve.
package main

import (
	"ciclo/shared/platform/host"
	"ciclo/shared/services/service"
)

func main() { host.Start(service.Approve) }
