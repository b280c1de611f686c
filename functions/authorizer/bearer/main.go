// Command bearer is the Lambda authorizer of routes that take a bearer token. It
// records the organizations that call.
package main

import (
	"ciclo/shared/consumers"
	"ciclo/shared/interop"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/auth"
	"ciclo/shared/platform/host"
	"ciclo/shared/platform/sign/kms"
)

func main() {
	host.StartAuthorizer(api.Authorizer[*auth.Bearer]{
		ID: "authorizer/bearer", Refusal: auth.ErrUnauthorized, Access: tenant.RegisterAccess,
		Open: func(deps api.Deps) (*auth.Bearer, error) {
			return auth.FromEnv(deps.Setting, interop.Callers(tenant.NewRegistrar(deps).Register).And(consumers.Callers()), kms.JWKS)
		},
	})
}
