// Command list-reviews serves GET /api/v1/manage/reviews.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/service"
)

func main() { host.Start(service.ListReviews) }
