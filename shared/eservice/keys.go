package eservice

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"ciclo/shared/pdnd"
	"ciclo/shared/table"
)

// e-service      ESERVICE#<id>                        ESERVICE
// descriptor     ESERVICE#<id>                        DESCRIPTOR#<number>
// name in use    PRODUCER#<producer>#NAME#<hash>      NAME
// list entry     PRODUCER#<producer>#ESERVICES        <name>#<id>
// list entry     ESERVICES#<technology>#<mode>        <name>#<id>        while others may see it
const (
	eserviceSK       = "ESERVICE" // sorts after the descriptors, which Store.load relies on
	descriptorPrefix = "DESCRIPTOR#"
	nameSK           = "NAME"
)

func eservicePK(id string) string { return "ESERVICE#" + id }

func eserviceKey(id string) table.Key { return pdnd.Key(eservicePK(id), eserviceSK) }

func descriptorKey(id string, number int64) table.Key {
	return pdnd.Key(eservicePK(id), fmt.Sprintf("%s%06d", descriptorPrefix, number))
}

// nameKey makes a name unique for a producer, whatever its case.
func nameKey(e *EService) table.Key {
	sum := sha256.Sum256([]byte(strings.ToLower(e.Name)))
	return pdnd.Key("PRODUCER#"+e.ProducerID+"#NAME#"+hex.EncodeToString(sum[:]), nameSK)
}

// Lists are ordered by name, whatever its case, then by id.
func entrySK(e *EService) string { return strings.ToLower(e.Name) + "#" + e.ID }

func ownPK(producerID string) string { return "PRODUCER#" + producerID + "#ESERVICES" }

func publicPK(technology, mode string) string { return "ESERVICES#" + technology + "#" + mode }
