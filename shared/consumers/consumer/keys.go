package consumer

import "ciclo/shared/platform/table"

// Consumers is the table of consumers and their children.
//
//	consumer      ISS#<issuer>#CON#<consumer>  CONSUMER
//	account       ISS#<issuer>#ACC#<account>   ACCOUNT
//	card          ISS#<issuer>#CARD#<card>     CARD
//	digital card  ISS#<issuer>#CARD#<card>     DIG#<digital card>
//
// Ids are unique per issuer because they are keys. One query reads a card with its
// digital cards. The index lists the children of a consumer.
var Consumers = table.Schema{
	Name:   "consumers",
	Stream: true,
	Indexes: []table.Index{{
		Name: byConsumer, PK: "ownerPk", SK: "ownerSk",
		Project: []string{"accountId", "cardId", "cardProductId", "digitalCardId", "state"},
	}},
}

const (
	byConsumer = "byConsumer"

	consumerSK = "CONSUMER"
	accountSK  = "ACCOUNT"
	cardSK     = "CARD"

	// Prefixes of sort keys in the index and below a card. No character of an id sorts
	// before '#', so keys sort by id also where one id begins with another one.
	accountPrefix     = "ACC#"
	cardPrefix        = "CARD#"
	digitalCardPrefix = "DIG#"
	last              = "~" // sorts after every character of an id
)

// ID names a consumer.
type ID struct{ IssuerID, ConsumerID string }

func (id ID) pk() string { return "ISS#" + id.IssuerID + "#CON#" + id.ConsumerID }

func key(pk, sk string) table.Key { return table.Key{Table: Consumers.Name, PK: pk, SK: sk} }

func consumerKey(id ID) table.Key { return key(id.pk(), consumerSK) }

func accountKey(issuerID, accountID string) table.Key {
	return key("ISS#"+issuerID+"#ACC#"+accountID, accountSK)
}

func cardKey(issuerID, cardID string) table.Key {
	return key("ISS#"+issuerID+"#CARD#"+cardID, cardSK)
}

func digitalCardKey(issuerID, cardID, digitalCardID string) table.Key {
	return key(cardKey(issuerID, cardID).PK, digitalCardPrefix+digitalCardID)
}
