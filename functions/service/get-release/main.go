// Command get-release serves GET /api/v1/manage/services/{serviceId}/release.
package main

import (
	"ciclo/shared/platform/host"
	"ciclo/shared/services/service"
)

func main() { host.Start(service.GetRelease) }
