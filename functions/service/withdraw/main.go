// Command withdraw serves DELETE /api/v1/manage/services/{serviceId}/review.
package main

import (
	"ciclo/shared/platform/host"
	"ciclo/shared/services/service"
)

func main() { host.Start(service.Withdraw) }
