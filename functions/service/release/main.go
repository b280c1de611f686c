// Command release serves POST /api/v1/manage/services/{serviceId}/release.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/service"
)

func main() { host.Start(service.Release) }
