package issuer

import (
	"crypto/sha256"
	"encoding/base64"

	"ciclo/shared/consumers/consumer"
	"ciclo/shared/platform/assertion"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
)

// The keys of issuers are in the table of consumers, whose partitions all name what
// is in them after the issuer's id, which has no # itself.
//
//	key  ISS#<issuer>#KEYS  KEY#<kid>
const keyPrefix = "KEY#"

// partition is that of all keys of an issuer.
func partition(issuerID string) string { return "ISS#" + issuerID + "#KEYS" }

// usedKey is where it is remembered that an assertion was used: in the table of operations,
// of whose items DynamoDB removes those that are over.
//
//	assertion used  ISS#<issuer>#ASSERTION#<hash of jti>  ASSERTION
func usedKey(b assertion.Bearer) table.Key {
	sum := sha256.Sum256([]byte(b.JTI))
	return table.Key{Table: retention.Operations.Name, PK: "ISS#" + b.Issuer + "#ASSERTION#" + base64.RawURLEncoding.EncodeToString(sum[:]), SK: "ASSERTION"}
}

func keyOf(issuerID, kid string) table.Key {
	return table.Key{Table: consumer.Consumers.Name, PK: partition(issuerID), SK: keyPrefix + kid}
}
