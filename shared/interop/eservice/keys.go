package eservice

import (
	"fmt"
	"strconv"

	"ciclo/shared/interop"
	"ciclo/shared/platform/names"
	"ciclo/shared/platform/table"
)

// e-service           ESERVICE#<id>                        ESERVICE
// descriptor          ESERVICE#<id>                        DESCRIPTOR#<number>
// use of it           ESERVICE#<id>                        USE#<number>        since its first agreement
// pointer to it       DESCRIPTOR#<descriptor id>           DESCRIPTOR
// claim on a name     PRODUCER#<producer>#NAME#<hash>      NAME
// claim on audience   AUDIENCE#<hash>                      AUDIENCE            since its first publication
// list entry          PRODUCER#<producer>#ESERVICES        see package list
// list entry          ESERVICES                            since its first publication
const (
	eserviceSK       = "ESERVICE" // sorts after the descriptors and before their use, which Load relies on
	descriptorPrefix = "DESCRIPTOR#"
	usePrefix        = "USE#"
	pointerSK        = "DESCRIPTOR"
	nameSK           = "NAME"
	audienceSK       = "AUDIENCE"
	cataloguePK      = "ESERVICES"
)

func eservicePK(id string) string { return "ESERVICE#" + id }

// Key returns the key of the root item of an e-service.
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

// nameKeys returns the keys that make a name unique for a producer, see [names.Claims].
// Earlier releases claimed a name in lower case alone.
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

// audienceKey returns the key of the claim on an audience, by the hash of the folded
// audience.
func audienceKey(hash string) table.Key { return interop.Key("AUDIENCE#"+hash, audienceSK) }

func ownPK(producerID string) string { return "PRODUCER#" + producerID + "#ESERVICES" }
