// Command regenerate-key serves PUT /api/v1/manage/services/{serviceId}/keys/{keyType}.
package main

import (
	"ciclo/shared/platform/host"
	"ciclo/shared/platform/seal/kms"
	"ciclo/shared/services/service"
)

func main() { host.Start(service.RegenerateKey, host.Sealer(kms.FromEnv)) }
