package eservice

import (
	"reflect"

	"ciclo/shared/platform/names"
	"ciclo/shared/platform/table"
)

// Labels of the steps of a transaction. LabelEService refuses when an e-service
// has changed since it was read.
const (
	LabelEService = "e-service"
	labelName     = "name "     // and the key
	labelUse      = "use "      // and the number of the descriptor
	labelAudience = "audience " // and the hash of the audience
)

// claim is a name in use.
type claim struct {
	EServiceID string `dynamodbav:"eserviceId"`
}

// pointer tells where a descriptor is.
type pointer struct {
	EServiceID string `dynamodbav:"eserviceId"`
	Number     int64  `dynamodbav:"number"`
}

// steps returns the transaction that leads from a snapshot to an outcome: the records
// that differ, the names and audiences that are claimed or released, and the entries of
// lists, under the condition that the e-service is in the version that was read. It is
// empty when nothing differs.
func steps(before snapshot, after outcome) ([]table.Step, error) {
	after.EService = after.EService.withClaims(before.EService)
	writes := itemSteps(before.items(), after.items())
	if len(writes) == 0 && reflect.DeepEqual(before.EService, after.EService) {
		return nil, nil
	}
	writes = append(writes, audienceSteps(before.Catalogue, after.Catalogue)...)
	moves, listed := listSteps(before.Catalogue, after.Catalogue)
	writes = append(writes, moves...)
	unchanged := table.NotExists()
	if before.EService != nil {
		unchanged = table.Equals("version", before.EService.Version)
	}
	if after.EService == nil {
		writes = append(writes, table.Delete(LabelEService, Key(before.EService.ID), unchanged))
	} else {
		root := *after.EService
		root.Version++
		root.Listed = listed
		root.Descriptors = after.summaries()
		writes = append(writes, table.Put(LabelEService, Key(root.ID), root, unchanged))
	}
	return after.conditions.With(writes...), nil
}

// itemSteps returns the steps that replace the stored items by those wanted. Names are
// claimed: such a step refuses when another e-service has the name.
func itemSteps(stored, wanted map[table.Key]any) []table.Step {
	var writes []table.Step
	for key := range stored {
		if _, kept := wanted[key]; !kept {
			writes = append(writes, table.Delete("remove "+key.PK+" "+key.SK, key))
		}
	}
	for key, item := range wanted {
		if current, ok := stored[key]; ok && reflect.DeepEqual(current, item) {
			continue
		}
		if key.SK == nameSK {
			writes = append(writes, table.Put(labelName+key.PK, key, item, table.NotExists()))
		} else {
			writes = append(writes, table.Put("put "+key.PK+" "+key.SK, key, item))
		}
	}
	return writes
}

// withClaims returns the e-service with how its name is claimed: as before while it
// keeps its name.
func (e *EService) withClaims(before *EService) *EService {
	if e == nil || before != nil && before.Name == e.Name {
		return e
	}
	named := *e
	named.Folded = len(names.Claims(e.Name)) > 1
	return &named
}

// items returns what is stored of an e-service other than its root, its entries in lists, the
// use of its descriptors and claims on audiences, by key.
func (c Catalogue) items() map[table.Key]any {
	items := map[table.Key]any{}
	e := c.EService
	if e == nil {
		return items
	}
	for _, key := range nameKeys(e) {
		items[key] = claim{EServiceID: e.ID}
	}
	for _, d := range c.Descriptors {
		items[descriptorKey(e.ID, d.Number)] = *d
		items[pointerKey(d.ID)] = pointer{EServiceID: e.ID, Number: d.Number}
	}
	return items
}
