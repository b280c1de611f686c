// Command create serves POST /api/v1/manage/services.
package main

import (
	"ciclo/shared/platform/host"
	"ciclo/shared/platform/seal/kms"
	"ciclo/shared/services/service"
)

func main() { host.Start(service.Create, host.Sealer(kms.FromEnv)) }
