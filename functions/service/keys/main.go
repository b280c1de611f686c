// Command keys serves GET /api/v1/manage/services/{serviceId}/keys.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/seal/kms"
	"ciclo/shared/service"
)

func main() { host.Start(service.Keys, host.Sealer(kms.FromEnv)) }
