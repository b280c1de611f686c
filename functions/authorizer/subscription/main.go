// Command subscription authorizes requests of the services product: it checks
// the subscription key and tells API Gateway who is calling.
package main

import (
	"ciclo/shared/platform/host"
	"ciclo/shared/services/subscription"
)

func main() { host.StartAuthorizer(subscription.Authorizer) }
