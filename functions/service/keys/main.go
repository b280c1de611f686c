// Command keys serves GET /api/v1/manage/services/{serviceId}/keys.
package main

import (
	"ciclo/shared/platform/host"
	"ciclo/shared/platform/seal/kms"
	"ciclo/shared/services/service"
)

func main() { host.Start(service.Keys, host.Sealer(kms.FromEnv)) }
