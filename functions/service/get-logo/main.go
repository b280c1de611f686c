// Command get-logo serves GET /api/v1/manage/services/{serviceId}/logo.
package main

import (
	"ciclo/shared/platform/blob/s3"
	"ciclo/shared/platform/host"
	"ciclo/shared/services/service"
)

func main() { host.Start(service.GetLogo, host.Blobs(s3.FromEnv)) }
