// Command reject serves POST /api/v1/manage/services/{serviceId}/review/reject.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/service"
)

func main() { host.Start(service.Reject) }
