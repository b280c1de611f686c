// Command list-reviews serves GET /api/v1/manage/reviews.
package main

import (
	"ciclo/shared/platform/host"
	"ciclo/shared/services/service"
)

func main() { host.Start(service.ListReviews) }
