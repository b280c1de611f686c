package issuer

import (
	"crypto/sha256"
	"encoding/base64"

	"ciclo/shared/consumers/consumer"
	"ciclo/shared/consumers/grant"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
)

// The keys of issuers are in the table of consumers. All its partitions name their content
// after the issuer's id, which never contains #.
//
//	key  ISS#<issuer>#KEYS  KEY#<kid>
const keyPrefix = "KEY#"

// partition returns the partition of all keys of an issuer.
func partition(issuerID string) string { return "ISS#" + issuerID + "#KEYS" }

// usedKey returns the key of the item that marks an assertion as used. It is in the table of
// operations, where DynamoDB's TTL removes it.
//
//	assertion used  ISS#<issuer>#ASSERTION#<hash of jti>  ASSERTION
func usedKey(b grant.Assertion) table.Key {
	sum := sha256.Sum256([]byte(b.JTI))
	hash := base64.RawURLEncoding.EncodeToString(sum[:])
	return table.Key{Table: retention.Operations.Name, PK: "ISS#" + b.Issuer + "#ASSERTION#" + hash, SK: "ASSERTION"}
}

func keyOf(issuerID, kid string) table.Key {
	return table.Key{Table: consumer.Consumers.Name, PK: partition(issuerID), SK: keyPrefix + kid}
}
