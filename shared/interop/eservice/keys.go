package eservice

import (
	"fmt"
	"strconv"

	"ciclo/shared/interop"
	"ciclo/shared/platform/names"
	"ciclo/shared/platform/table"
)

// e-service      ESERVICE#<id>                        ESERVICE
// descriptor     ESERVICE#<id>                        DESCRIPTOR#<number>
// its use        ESERVICE#<id>                        USE#<number>        once it had any
// where it is    DESCRIPTOR#<descriptor id>           DESCRIPTOR
// name in use    PRODUCER#<producer>#NAME#<hash>      NAME
// audience's     AUDIENCE#<hash>                      AUDIENCE            once it was published
//
//	producer
//
// list entry     PRODUCER#<producer>#ESERVICES        <name>#<id>
// list entry     ESERVICES#<technology>#<mode>        <name>#<id>        while others may see it
const (
	eserviceSK       = "ESERVICE" // sorts after the descriptors and before their use, which Load relies on
	descriptorPrefix = "DESCRIPTOR#"
	usePrefix        = "USE#"
	pointerSK        = "DESCRIPTOR"
	nameSK           = "NAME"
	audienceSK       = "AUDIENCE"
)

func eservicePK(id string) string { return "ESERVICE#" + id }

// Key names an e-service, without its descriptors.
func Key(id string) table.Key { return interop.Key(eservicePK(id), eserviceSK) }

func descriptorKey(id string, number int64) table.Key {
	return interop.Key(eservicePK(id), fmt.Sprintf("%s%06d", descriptorPrefix, number))
}

func useKey(id string, number int64) table.Key {
	return interop.Key(eservicePK(id), usePrefix+strconv.FormatInt(number, 10))
}

func pointerKey(descriptorID string) table.Key {
	return interop.Key("DESCRIPTOR#"+descriptorID, pointerSK)
}

// nameKeys make a name unique for a producer, as [names.Claims] says. An e-service that got
// its name from an earlier release has claimed the name in lower case alone.
func nameKeys(e *EService) []table.Key {
	texts := []string{names.Earlier(e.Name)}
	if e.Folded {
		texts = names.Claims(e.Name)
	}
	var all []table.Key
	for _, text := range texts {
		all = append(all, interop.Key("PRODUCER#"+e.ProducerID+"#NAME#"+interop.Hash(text), nameSK))
	}
	return all
}

// audienceKey is where the producer that has an audience is named; the hash is of the
// folded audience.
func audienceKey(hash string) table.Key { return interop.Key("AUDIENCE#"+hash, audienceSK) }

func ownPK(producerID string) string { return "PRODUCER#" + producerID + "#ESERVICES" }

func publicPK(technology, mode string) string { return "ESERVICES#" + technology + "#" + mode }
