package issuer

import (
	"ciclo/shared/consumer"
	"ciclo/shared/table"
)

// The keys of issuers are in the table of consumers, whose partitions all name what
// is in them after the issuer's id, which has no # itself.
//
//	key  ISS#<issuer>#KEYS  KEY#<kid>
const keyPrefix = "KEY#"

// partition is that of all keys of an issuer.
func partition(issuerID string) string { return "ISS#" + issuerID + "#KEYS" }

func keyOf(issuerID, kid string) table.Key {
	return table.Key{Table: consumer.Consumers.Name, PK: partition(issuerID), SK: keyPrefix + kid}
}
