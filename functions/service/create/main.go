// Command create serves POST /api/v1/manage/services.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/seal/kms"
	"ciclo/shared/service"
)

func main() { host.Start(service.Create, host.Sealer(kms.FromEnv)) }
