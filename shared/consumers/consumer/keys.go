package consumer

import "ciclo/shared/platform/table"

// Consumers is the table of consumers and what is under them.
//
//	consumer      ISS#<issuer>#CON#<consumer>  CONSUMER
//	account       ISS#<issuer>#ACC#<account>   ACCOUNT
//	card          ISS#<issuer>#CARD#<card>     CARD
//	digital card  ISS#<issuer>#CARD#<card>     DIG#<digital card>
//
// Ids are unique per issuer because they are keys; a card is read with its
// digital cards by one query. The index lists what is under a consumer.
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

	// In the index and below a card. Ids hold no character below '-', so that
	// ranges of these prefixes and order by id agree.
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
