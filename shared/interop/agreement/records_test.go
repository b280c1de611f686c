package agreement_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	gocmp "github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/listtest"
)

// record is a stored agreement.
type record struct {
	ID               string `dynamodbav:"id"`
	EServiceID       string `dynamodbav:"eserviceId"`
	EServiceName     string `dynamodbav:"eserviceName"`
	DescriptorID     string `dynamodbav:"descriptorId"`
	DescriptorNumber int64  `dynamodbav:"descriptorNumber"`
	ProducerID       string `dynamodbav:"producerId"`
	ConsumerID       string `dynamodbav:"consumerId"`
	State            string `dynamodbav:"state"`
	ByConsumer       bool   `dynamodbav:"suspendedByConsumer"`
	ByProducer       bool   `dynamodbav:"suspendedByProducer"`
	ByPlatform       bool   `dynamodbav:"suspendedByPlatform"`
	SuspendedAt      string `dynamodbav:"suspendedAt"`
	CreatedAt        string `dynamodbav:"createdAt"`
	UpdatedAt        string `dynamodbav:"updatedAt"`
	Version          int64  `dynamodbav:"version"`
}

// change is a stored row of a history.
type change struct {
	SK         string `dynamodbav:"sk"`
	From       string `dynamodbav:"from"`
	To         string `dynamodbav:"to"`
	At         string `dynamodbav:"at"`
	ConsumerID string `dynamodbav:"consumerId"`
	ProducerID string `dynamodbav:"producerId"`
}

func (r *record) inUse() bool { return r.State == "ACTIVE" || r.State == "SUSPENDED" }

// entries returns the items that should list an agreement.
func (r *record) entries() map[table.Key]object {
	items := map[table.Key]object{}
	add := func(pk, sk string, item object) {
		key := interop.Key("AGREEMENTS#"+pk, sk)
		item[table.PK], item[table.SK] = key.PK, key.SK
		items[key] = item
	}
	entry := func(other string) object {
		return object{
			"state": r.State, "eserviceId": r.EServiceID, "eserviceName": r.EServiceName, "descriptorId": r.DescriptorID, "otherId": other,
		}
	}
	add("CONSUMER#"+r.ConsumerID, "@"+r.ID, entry(r.ProducerID))
	if r.State != "DRAFT" && r.ConsumerID != r.ProducerID {
		add("PRODUCER#"+r.ProducerID, "@"+r.ID, entry(r.ConsumerID))
	}
	member := object{"id": r.ID, "consumerId": r.ConsumerID}
	if r.State == "REJECTED" || r.State == "ARCHIVED" {
		member["ended"] = true
	}
	add("ESERVICE#"+r.EServiceID, r.ConsumerID+"#"+r.ID, member)
	return items
}

// claims returns the key of the claim that an agreement should have, false for none.
func (r *record) claims() (table.Key, bool) {
	sk := map[string]string{
		"ACTIVE": "SUBSCRIBED", "SUSPENDED": "SUBSCRIBED", "DRAFT": "REQUESTED", "PENDING": "REQUESTED",
		"MISSING_CERTIFIED_ATTRIBUTES": "REQUESTED",
	}[r.State]
	return interop.Key("AGREEMENT#OF#"+r.ConsumerID+"#"+r.EServiceID, sk), sk != ""
}

func (r *record) use() table.Key {
	return interop.Key("ESERVICE#"+r.EServiceID, fmt.Sprint("USE#", r.DescriptorNumber))
}

// ofAgreements reports whether a key belongs to an agreement or to an item derived from
// one.
func ofAgreements(key table.Key) bool {
	return strings.HasPrefix(key.PK, "AGREEMENT") || strings.HasPrefix(key.SK, "USE#")
}

// everything returns all stored items of agreements, for comparison.
func (w *world) everything() map[table.Key]object {
	w.Helper()
	return w.Stored(ofAgreements)
}

// wantUnchanged checks that the stored items of agreements are the same as before.
func (w *world) wantUnchanged(before map[table.Key]object) {
	w.Helper()
	w.Unchanged("a refused call", before, w.everything())
}

func decoded[T any](w *world, item table.Item) *T {
	w.Helper()
	var v T
	if err := table.Decode(item, &v); err != nil {
		w.Fatal(err)
	}
	return &v
}

// records returns all stored agreements by id.
func (w *world) records() map[string]*record {
	w.Helper()
	all := map[string]*record{}
	for key, item := range w.StoredItems(func(key table.Key) bool { return key.SK == "AGREEMENT" }) {
		r := decoded[record](w, item)
		if key.PK != "AGREEMENT#"+r.ID {
			w.Errorf("agreement %s is stored at %v", r.ID, key)
		}
		all[r.ID] = r
	}
	return all
}

// checkConsistent compares the derived items with the agreements: lists, claims, use of
// descriptors, histories. It also checks the agreements against the rules. No request may
// be running.
func (w *world) checkConsistent() {
	w.Helper()
	all := w.records()
	want, uses := map[table.Key]object{}, map[table.Key]float64{}
	for _, r := range all {
		w.checkRecord(r)
		maps.Copy(want, r.entries())
		if key, claims := r.claims(); claims {
			if other := want[key]; other != nil {
				w.Errorf("agreements %s and %v both claim %s", r.ID, other["agreementId"], key)
			}
			want[key] = object{table.PK: key.PK, table.SK: key.SK, "agreementId": r.ID}
			if r.inUse() {
				want[key]["state"], want[key]["descriptorId"] = r.State, r.DescriptorID
			}
		}
		if r.inUse() {
			uses[r.use()]++
		}
	}
	got, histories := map[table.Key]object{}, map[string][]*change{}
	for key, item := range w.StoredItems(ofAgreements) {
		switch {
		case strings.HasPrefix(key.SK, "HISTORY#"):
			id := strings.TrimPrefix(key.PK, "AGREEMENT#")
			histories[id] = append(histories[id], decoded[change](w, item))
		case strings.HasPrefix(key.SK, "USE#"):
			if count := (*decoded[object](w, item))["count"]; count != uses[key] {
				w.Errorf("%v counts %v, want %v", key, count, uses[key])
			}
			delete(uses, key)
		case key.SK != "AGREEMENT":
			got[key] = *decoded[object](w, item)
		}
	}
	if len(uses) > 0 {
		w.Errorf("uses without a count: %v", uses)
	}
	if diff := gocmp.Diff(want, listtest.Current(got)); diff != "" {
		w.Errorf("lists and claims differ from the agreements (-want +got):\n%s", diff)
	}
	w.checkHistories(all, histories)
	w.checkDescriptors(all)
}

// checkRecord checks the flags and times of an agreement against its state.
func (w *world) checkRecord(r *record) {
	w.Helper()
	isSuspended := r.ByConsumer || r.ByProducer || r.ByPlatform
	rules := map[string]bool{
		"ACTIVE":                       !isSuspended && r.SuspendedAt == "",
		"SUSPENDED":                    isSuspended && r.SuspendedAt != "",
		"DRAFT":                        !r.ByPlatform,
		"PENDING":                      !r.ByPlatform,
		"MISSING_CERTIFIED_ATTRIBUTES": r.ByPlatform,
		"REJECTED":                     !isSuspended && r.SuspendedAt == "",
		"ARCHIVED":                     true,
	}
	if !rules[r.State] || r.Version < 1 || r.CreatedAt == "" || r.EServiceName == "" || r.UpdatedAt != "" && r.UpdatedAt < r.CreatedAt {
		w.Errorf("the flags or times do not fit the state: %+v", *r)
	}
}

// checkHistories checks that each history leads without a gap to the current state of its
// agreement, or to its end.
func (w *world) checkHistories(all map[string]*record, histories map[string][]*change) {
	w.Helper()
	for id, r := range all {
		if len(histories[id]) == 0 {
			w.Errorf("agreement %s %s has no history", id, r.State)
		}
	}
	for id, rows := range histories {
		slices.SortFunc(rows, func(a, b *change) int { return cmp.Compare(a.SK, b.SK) })
		at, when := "NONE", ""
		for _, row := range rows {
			if row.From != at || row.At < when || row.ConsumerID != rows[0].ConsumerID || row.ProducerID != rows[0].ProducerID {
				w.Errorf("the history of %s, after %s at %s, continues with %+v", id, at, when, *row)
			}
			at, when = row.To, row.At
		}
		last := rows[len(rows)-1]
		switch r := all[id]; {
		case r == nil && at != "NONE":
			w.Errorf("agreement %s is gone, but its history ends with %+v", id, *last)
		case r != nil && (at != r.State || when != cmp.Or(r.UpdatedAt, r.CreatedAt) || last.ConsumerID != r.ConsumerID ||
			last.ProducerID != r.ProducerID ||
			rows[0].At != r.CreatedAt || last.SK > fmt.Sprintf("HISTORY#%010d", r.Version)):
			w.Errorf("the history of %+v ends with %+v", *r, *last)
		}
	}
}

// checkDescriptors checks the agreements against their descriptors.
func (w *world) checkDescriptors(all map[string]*record) {
	w.Helper()
	found := w.StoredItems(func(key table.Key) bool { return strings.HasPrefix(key.PK, "ESERVICE#") })
	for _, r := range all {
		root := found[interop.Key("ESERVICE#"+r.EServiceID, "ESERVICE")]
		item := found[interop.Key("ESERVICE#"+r.EServiceID, fmt.Sprintf("DESCRIPTOR#%06d", r.DescriptorNumber))]
		if root == nil || item == nil {
			w.Errorf("the descriptor of %+v is not stored", *r)
			continue
		}
		e, d := *decoded[object](w, root), *decoded[object](w, item)
		if e["producerId"] != r.ProducerID || d["id"] != r.DescriptorID || r.inUse() && (d["state"] == "ARCHIVED" || d["state"] == "DRAFT") {
			w.Errorf("%+v does not fit descriptor %v of e-service %v", *r, d, e)
		}
	}
}

// checkFollowed checks the work of the platform after it followed every change: agreements
// have the current names of their e-services, and a deprecated descriptor without
// agreements is archived.
func (w *world) checkFollowed() {
	w.Helper()
	found, uses := w.StoredItems(func(key table.Key) bool { return strings.HasPrefix(key.PK, "ESERVICE#") }), map[string]bool{}
	for _, r := range w.records() {
		uses[r.DescriptorID] = uses[r.DescriptorID] || r.inUse()
		if e := *decoded[object](w, found[interop.Key("ESERVICE#"+r.EServiceID, "ESERVICE")]); e["name"] != r.EServiceName {
			w.Errorf("agreement %s has the name %q, its e-service has %v", r.ID, r.EServiceName, e["name"])
		}
	}
	for key, item := range found {
		if d := *decoded[object](w, item); strings.HasPrefix(key.SK, "DESCRIPTOR#") && d["state"] == "DEPRECATED" && !uses[fmt.Sprint(d["id"])] {
			w.Errorf("descriptor %v is deprecated without an agreement", d["id"])
		}
	}
}
