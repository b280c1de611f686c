package service

import (
	"fmt"

	"github.com/oklog/ulid/v2"

	"ciclo/shared/platform/table"
	"ciclo/shared/services"
)

// lifecycle record     SERVICE#<id>                    LIFECYCLE
// publication record   SERVICE#<id>                    PUBLICATION
// history row          SERVICE#<id>                    HISTORY#<time>#<record>#<version>
// entry of a list      OWNER#<owner>[#GROUP#<group>]   (package list)
// entry of the queue   REVIEWS                         <submitted at>#<id>
// name of a copy       NAME#<hash>                     NAME
// name in review       NAME#<hash>                     NAME#<owner>
// subscription         SUB#<id>                        (package subscription)
const (
	lifecycleSK   = "LIFECYCLE"
	publicationSK = "PUBLICATION"
	historyPrefix = "HISTORY#"
	queuePK       = "REVIEWS"
	nameSK        = "NAME"
	last          = "~" // sorts after every character of a key
)

func key(pk, sk string) table.Key { return table.Key{Table: services.Table.Name, PK: pk, SK: sk} }

func servicePK(id string) string { return "SERVICE#" + id }

func lifecycleKey(id string) table.Key { return key(servicePK(id), lifecycleSK) }

func publicationKey(id string) table.Key { return key(servicePK(id), publicationSK) }

// historyKey orders rows by time. An approval changes both records at one instant; then the
// row of the service comes first. Rows of one record are ordered by version.
func historyKey(id, at string, k kind, version int64) table.Key {
	return key(servicePK(id), fmt.Sprintf("%s%s#%s#%010d", historyPrefix, at, k.rank, version))
}

// listPK is the partition of the list of an owner's services, or of those in a group.
func listPK(owner, group string) string {
	if group == "" {
		return "OWNER#" + owner
	}
	return "OWNER#" + owner + "#GROUP#" + group
}

func queueKey(s *service) table.Key { return key(queuePK, s.SubmittedAt+"#"+s.ID) }

// isID reports whether id has the form of the id of a service.
func isID(id string) bool {
	_, err := ulid.ParseStrict(id)
	return err == nil
}
