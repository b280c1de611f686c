// Command review serves PUT /api/v1/manage/services/{serviceId}/review.
package main

import (
	"ciclo/shared/platform/host"
	"ciclo/shared/services/service"
)

func main() { host.Start(service.Review) }
