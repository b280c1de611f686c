package purpose

import (
	"fmt"

	"ciclo/shared/interop"
	"ciclo/shared/platform/names"
	"ciclo/shared/platform/table"
)

// purpose        PURPOSE#<id>                          PURPOSE
// version        PURPOSE#<id>                          VERSION#<version>            that is not shown with the purpose any more
// risk analysis  PURPOSE#<id>                          FORM
// history        PURPOSE#<id>                          HISTORY#<change>#<n>
// title in use   PURPOSES#OF#<consumer>#<eservice>     TITLE#<hash>                 until the purpose is archived
// list entry     PURPOSES#CONSUMER#<consumer>          see package list
// list entry     PURPOSES#PRODUCER#<producer>          unless a draft, or its own
// load in all    LOAD#<eservice>                       LOAD
// of a consumer  LOAD#<eservice>#<consumer>            LOAD
const (
	purposeSK     = "PURPOSE" // sorts between the history and the versions
	versionPrefix = "VERSION#"
	formSK        = "FORM"
	historyPrefix = "HISTORY#"
	titlePrefix   = "TITLE#"
	loadSK        = "LOAD"

	last = "\uffff" // sorts after every key
)

func purposePK(id string) string { return "PURPOSE#" + id }

// Key returns the key of a purpose.
func Key(id string) table.Key { return interop.Key(purposePK(id), purposeSK) }

func versionKey(id, versionID string) table.Key {
	return interop.Key(purposePK(id), versionPrefix+versionID)
}

func formKey(id string) table.Key { return interop.Key(purposePK(id), formSK) }

func historyKey(id string, change int64, n int) table.Key {
	return interop.Key(purposePK(id), fmt.Sprintf("%s%010d#%d", historyPrefix, change, n))
}

func relationPK(consumerID, eserviceID string) string {
	return "PURPOSES#OF#" + consumerID + "#" + eserviceID
}

// titleKeys returns the keys that a purpose claims so that its title is unique for the
// consumer on the e-service: those of [names.Claims]. A purpose whose title was written by
// an earlier release has claimed it in lower case only.
func titleKeys(p *purpose) []table.Key {
	texts := []string{names.Earlier(p.Title)}
	if p.Folded {
		texts = names.Claims(p.Title)
	}
	var all []table.Key
	for _, text := range texts {
		all = append(all, interop.Key(relationPK(p.ConsumerID, p.EServiceID), titlePrefix+interop.Hash(text)))
	}
	return all
}

func consumerPK(id string) string          { return "PURPOSES#CONSUMER#" + id }
func producerPK(id string) string          { return "PURPOSES#PRODUCER#" + id }
func totalKey(eserviceID string) table.Key { return interop.Key("LOAD#"+eserviceID, loadSK) }
func loadKey(eserviceID, consumerID string) table.Key {
	return interop.Key("LOAD#"+eserviceID+"#"+consumerID, loadSK)
}
