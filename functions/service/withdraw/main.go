// Command withdraw serves DELETE /api/v1/manage/services/{serviceId}/review.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/service"
)

func main() { host.Start(service.Withdraw) }
