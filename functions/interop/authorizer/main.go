// Command authorizer is the Lambda authorizer of the interop product: it decides who comes in
// by access tokens and DPoP proofs, and records the organizations that call.
package main

import (
	"ciclo/shared/consumers"
	"ciclo/shared/interop"
	"ciclo/shared/interop/door"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/auth"
	"ciclo/shared/platform/host"
	"ciclo/shared/platform/sign/kms"
)

func main() {
	host.Start(nil, host.RequestAuthorizer(api.Authorizer[*door.Door]{
		ID: "authorizer/bearer", Access: door.Access,
		Open: func(deps api.Deps) (*door.Door, error) {
			callers := interop.Callers(tenant.NewRegistrar(deps).Register).WithKeys(interop.VoucherJWKS(deps)).And(consumers.Callers())
			tokens, err := auth.FromEnv(deps.Setting, callers, kms.JWKS)
			if err != nil {
				return nil, err
			}
			return door.Open(deps, tokens, auth.ErrUnauthorized)
		},
	}))
}
