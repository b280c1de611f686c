// Command reject serves POST /api/v1/manage/services/{serviceId}/review/reject.
package main

import (
	"ciclo/shared/platform/host"
	"ciclo/shared/services/service"
)

func main() { host.Start(service.Reject) }
