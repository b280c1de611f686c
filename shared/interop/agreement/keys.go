package agreement

import (
	"fmt"

	"ciclo/shared/interop"
	"ciclo/shared/platform/table"
)

// agreement      AGREEMENT#<id>                       AGREEMENT
// history        AGREEMENT#<id>                       HISTORY#<version>
// in use         AGREEMENT#OF#<consumer>#<eservice>   SUBSCRIBED              the one that is ACTIVE or SUSPENDED
// requested      AGREEMENT#OF#<consumer>#<eservice>   REQUESTED               the one on its way there
// member         AGREEMENTS#ESERVICE#<eservice>       <consumer>#<id>
// list entry     AGREEMENTS#CONSUMER#<consumer>       see package list
// list entry     AGREEMENTS#PRODUCER#<producer>       unless a draft, or its own
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

// claimKeys returns the keys of the claims on a consumer's use of an e-service: of the
// agreement in use, then of the one on its way there. There is at most one of each.
func claimKeys(consumerID, eserviceID string) []table.Key {
	pk := "AGREEMENT#OF#" + consumerID + "#" + eserviceID
	return []table.Key{interop.Key(pk, subscribedSK), interop.Key(pk, requestedSK)}
}

// claimKey returns the key of what an agreement claims in its state. ok is false where it
// claims nothing.
func claimKey(a *agreement) (key table.Key, ok bool) {
	keys := claimKeys(a.ConsumerID, a.EServiceID)
	switch {
	case a.isInUse():
		return keys[0], true
	case a.isRequested():
		return keys[1], true
	}
	return table.Key{}, false
}

func consumerPK(id string) string { return "AGREEMENTS#CONSUMER#" + id }
func producerPK(id string) string { return "AGREEMENTS#PRODUCER#" + id }
func eservicePK(id string) string { return "AGREEMENTS#ESERVICE#" + id }

// memberKey returns the key at which an e-service has an agreement on it, whatever its state.
func memberKey(a *agreement) table.Key {
	return interop.Key(eservicePK(a.EServiceID), a.ConsumerID+"#"+a.ID)
}
