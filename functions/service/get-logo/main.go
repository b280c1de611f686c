// Command get-logo serves GET /api/v1/manage/services/{serviceId}/logo.
package main

import (
	"ciclo/shared/blob/s3"
	"ciclo/shared/host"
	"ciclo/shared/service"
)

func main() { host.Start(service.GetLogo, host.Blobs(s3.FromEnv)) }
