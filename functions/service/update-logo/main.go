// Command update-logo serves PUT /api/v1/manage/services/{serviceId}/logo.
package main

import (
	"ciclo/shared/blob/s3"
	"ciclo/shared/host"
	"ciclo/shared/service"
)

func main() { host.Start(service.UpdateLogo, host.Blobs(s3.FromEnv)) }
