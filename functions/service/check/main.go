// Command check serves GET /api/v1/manage/services/{serviceId}/review/check.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/service"
)

func main() { host.Start(service.CheckReview) }
