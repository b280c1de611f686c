// Command bearer is the Lambda authorizer of routes that take a bearer token.
package main

import (
	"ciclo/shared/auth"
	"ciclo/shared/host"
)

func main() { host.StartAuthorizer("authorizer/bearer", auth.FromEnv, auth.ErrUnauthorized) }
