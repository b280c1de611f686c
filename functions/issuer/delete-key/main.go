// Command delete-key serves DELETE /issuers/{issuerId}/keys/{kid}.
package main

import (
	"ciclo/shared/consumers/issuer"
	"ciclo/shared/platform/host"
)

func main() { host.Start(issuer.DeleteKey) }
