// Command bearer is the Lambda authorizer of routes that take a bearer token. It
// records the organizations that call.
package main

import (
	"ciclo/shared/api"
	"ciclo/shared/auth"
	"ciclo/shared/host"
	"ciclo/shared/sign/kms"
	"ciclo/shared/tenant"
)

func main() {
	host.StartAuthorizer(api.Authorizer[*auth.Bearer]{
		ID: "authorizer/bearer", Refusal: auth.ErrUnauthorized, Access: tenant.Registering,
		Open: func(deps api.Deps) (*auth.Bearer, error) {
			return auth.FromEnv(deps.Setting, tenant.NewRegistrar(deps).Register, kms.JWKS)
		},
	})
}
