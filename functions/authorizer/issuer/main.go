// Command issuer is the Lambda authorizer of the consumers product: it checks access
// tokens and says for which card issuers they are.
package main

import (
	"ciclo/shared/consumers"
	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/auth"
	"ciclo/shared/platform/host"
	"ciclo/shared/platform/sign/kms"
)

func main() {
	host.StartAuthorizer(api.Authorizer[*auth.Bearer]{
		ID: "authorizer/issuer", Refusal: auth.ErrUnauthorized,
		Open: func(deps api.Deps) (*auth.Bearer, error) {
			return auth.FromEnv(deps.Setting, interop.Callers(nil).And(consumers.Callers()), kms.JWKS)
		},
	})
}
