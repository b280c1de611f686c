// Command subscription authorizes requests of the services product: it checks
// the subscription key and tells API Gateway who is calling.
package main

import (
	"ciclo/shared/host"
	"ciclo/shared/subscription"
)

func main() { host.StartAuthorizer(subscription.Authorizer) }
