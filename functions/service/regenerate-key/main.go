// Command regenerate-key serves PUT /api/v1/manage/services/{serviceId}/keys/{keyType}.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/seal/kms"
	"ciclo/shared/service"
)

func main() { host.Start(service.RegenerateKey, host.Sealer(kms.FromEnv)) }
