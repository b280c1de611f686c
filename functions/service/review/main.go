// Command review serves PUT /api/v1/manage/services/{serviceId}/review.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/service"
)

func main() { host.Start(service.Review) }
