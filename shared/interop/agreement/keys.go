package agreement

import (
	"fmt"

	"ciclo/shared/interop"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/table"
)

// agreement      AGREEMENT#<id>                       AGREEMENT
// history        AGREEMENT#<id>                       HISTORY#<version>
// in use         AGREEMENT#OF#<consumer>#<eservice>   SUBSCRIBED              the one that is ACTIVE or SUSPENDED
// asked for      AGREEMENT#OF#<consumer>#<eservice>   REQUESTED               the one on its way there
// list entry     AGREEMENTS#CONSUMER#<consumer>       <state>#<producer>#<id>
// list entry     AGREEMENTS#PRODUCER#<producer>       <state>#<consumer>#<id>   unless a draft
// list entry     AGREEMENTS#ESERVICE#<eservice>       <state>#<consumer>#<id>
const (
	agreementSK   = "AGREEMENT"
	historyPrefix = "HISTORY#"
	subscribedSK  = "SUBSCRIBED"
	requestedSK   = "REQUESTED"

	last = "\uffff" // sorts after every key
)

func agreementPK(id string) string { return "AGREEMENT#" + id }

func agreementKey(id string) table.Key { return interop.Key(agreementPK(id), agreementSK) }

func historyKey(id string, version int64) table.Key {
	return interop.Key(agreementPK(id), fmt.Sprintf("%s%010d", historyPrefix, version))
}

// claimKeys name the agreements of a consumer and an e-service of which there is
// one at most: in use, and on its way there.
func claimKeys(consumerID, eserviceID string) []table.Key {
	pk := "AGREEMENT#OF#" + consumerID + "#" + eserviceID
	return []table.Key{interop.Key(pk, subscribedSK), interop.Key(pk, requestedSK)}
}

// claimKey is what an agreement claims in its state; false for nothing.
func claimKey(a *agreement) (table.Key, bool) {
	keys := claimKeys(a.ConsumerID, a.EServiceID)
	switch {
	case a.inUse():
		return keys[0], true
	case a.isRequested():
		return keys[1], true
	}
	return table.Key{}, false
}

func ofConsumer(id string) string { return "AGREEMENTS#CONSUMER#" + id }
func ofProducer(id string) string { return "AGREEMENTS#PRODUCER#" + id }
func ofEService(id string) string { return "AGREEMENTS#ESERVICE#" + id }

// entryKeys are where an agreement is listed.
func entryKeys(a *agreement) []table.Key {
	at := func(pk, other string) table.Key { return interop.Key(pk, entryPrefix(a.State, other)+a.ID) }
	keys := []table.Key{at(ofConsumer(a.ConsumerID), a.ProducerID), at(ofEService(a.EServiceID), a.ConsumerID)}
	if a.State != Draft {
		keys = append(keys, at(ofProducer(a.ProducerID), a.ConsumerID))
	}
	return keys
}

func entryPrefix(state lifecycle.State, other string) string {
	return string(state) + "#" + other + "#"
}
