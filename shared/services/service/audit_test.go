package service_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"ciclo/shared/platform/names"
	"ciclo/shared/services/service"
	"ciclo/shared/services/servicestest"
)

// record is one of the records of a service, or a row of its history, as stored.
type record struct {
	SK          string        `dynamodbav:"sk"`
	ID          string        `dynamodbav:"id"`
	Owner       string        `dynamodbav:"owner"`
	Kind        string        `dynamodbav:"kind"`
	State       string        `dynamodbav:"state"`
	Version     int64         `dynamodbav:"version"`
	At          string        `dynamodbav:"at"`
	ModifiedAt  string        `dynamodbav:"modifiedAt"`
	SubmittedAt string        `dynamodbav:"submittedAt"`
	AutoPublish bool          `dynamodbav:"autoPublish"`
	Reason      string        `dynamodbav:"reason"`
	Data        service.Data  `dynamodbav:"data"`
	Next        *service.Data `dynamodbav:"next"`
}

// approved returns the copy that was approved last.
func (r *record) approved() service.Data {
	if r.Next != nil {
		return *r.Next
	}
	return r.Data
}

// stored is everything that is stored of a service; publication is nil without one.
type stored struct {
	lifecycle, publication *record
	rows                   map[string][]*record // of the history, by kind, in order
	keys                   bool                 // whether it has a subscription
}

// stored reads everything that is stored of the service.
func (w *world) stored(path string) stored {
	w.Helper()
	s := stored{rows: map[string][]*record{}}
	for _, item := range w.Items("SERVICE#" + idOf(path)) {
		switch r := servicestest.Decode[record](w.TB, item); r.SK {
		case "LIFECYCLE":
			s.lifecycle = r
		case "PUBLICATION":
			s.publication = r
		default:
			s.rows[r.Kind] = append(s.rows[r.Kind], r)
		}
	}
	s.keys = len(w.Items("SUB#"+idOf(path))) == 1
	if s.lifecycle == nil {
		w.Fatalf("nothing is stored of %s", path)
	}
	return s
}

// released returns the data of a service as its publication has them.
func released(d service.Data) service.Data {
	d.MaxAllowedPaymentAmount = service.PublishedPaymentCeiling
	return d
}

// contradictions returns how one record of a service contradicts the other, "" for not.
func contradictions(s, p *record) string {
	switch {
	case s.State == "deleted" && p != nil:
		return "deleted, but there is a publication"
	case s.State == "approved" && p == nil:
		return "approved, but there is no publication"
	case s.State == "approved" && !reflect.DeepEqual(released(s.Data), p.approved()):
		return fmt.Sprintf("approved is %q, but the approved copy %q", s.Data.Description, p.approved().Description)
	case s.State == "approved" && s.AutoPublish && p.Next != nil:
		return "approved to be visible at once, but another copy is visible"
	case (s.State == "submitted") != (s.SubmittedAt != ""), (s.State == "rejected") != (s.Reason != ""):
		return "a " + s.State + " service with members of another state"
	}
	return ""
}

// audit fails unless everything that is stored of the services agrees: records, history,
// keys, queue and names in use. They must be all services with their names.
func (w *world) audit(paths ...string) {
	w.Helper()
	var queue []string
	inUse := map[string]string{} // ids by names, with the owner for a service in review
	everUsed := map[string]bool{}
	use := func(by string, id string, claimed ...string) {
		for _, name := range claimed {
			if other, isUsed := inUse[name+by]; isUsed && other != id {
				w.Errorf("%s and %s have the name %q", other, id, name)
			}
			inUse[name+by] = id
		}
	}
	owners := map[string]bool{"": true}
	for _, path := range paths {
		s := w.stored(path)
		if s.lifecycle.State == "submitted" {
			queue = append(queue, s.lifecycle.SubmittedAt+"#"+s.lifecycle.ID)
			use("#"+s.lifecycle.Owner, s.lifecycle.ID, namesOf(s.lifecycle.Data)[0])
		}
		owners["#"+s.lifecycle.Owner] = true
		if p := s.publication; p != nil {
			use("", p.ID, append(namesOf(p.Data), namesOf(p.approved())...)...)
		}
		for _, r := range slices.Concat(s.rows["lifecycle"], s.rows["publication"]) {
			for _, name := range namesOf(r.Data) {
				everUsed[name] = true
			}
		}
		w.auditOne(s)
	}
	slices.Sort(queue)
	var waiting []string
	for _, item := range w.Items("REVIEWS") {
		waiting = append(waiting, servicestest.Decode[record](w.TB, item).SK)
	}
	if !slices.Equal(waiting, queue) {
		w.Errorf("the queue has %v, submitted are %v", waiting, queue)
	}
	for _, name := range slices.Sorted(maps.Keys(everUsed)) {
		for by := range owners {
			if got := w.holder(name, by); got != inUse[name+by] {
				w.Errorf("a name is claimed by %q, used by %q", got, inUse[name+by])
			}
		}
	}
}

// auditOne fails unless the records of one service, its history and its keys agree.
func (w *world) auditOne(s stored) {
	w.Helper()
	if wrong := contradictions(s.lifecycle, s.publication); wrong != "" {
		w.Errorf("%s: %s", s.lifecycle.ID, wrong)
	}
	if s.keys != (s.lifecycle.State != "deleted") {
		w.Errorf("a %s service has keys: %t", s.lifecycle.State, s.keys)
	}
	w.wantRows(s.lifecycle, s.rows["lifecycle"])
	if len(s.rows["publication"]) > 0 || s.publication != nil {
		w.wantRows(s.publication, s.rows["publication"])
	}
	var approved []service.Data
	for _, r := range s.rows["lifecycle"] {
		if r.State == "approved" {
			approved = append(approved, released(r.Data))
		}
	}
	for _, r := range s.rows["publication"] {
		if !slices.ContainsFunc(approved, func(d service.Data) bool { return reflect.DeepEqual(d, r.Data) }) {
			w.Errorf("%s: version %d of the publication was never approved", s.lifecycle.ID, r.Version)
		}
	}
}

// wantRows fails unless the rows are versions 1 to n in the order of time and the last one
// is the record, which is nil when it was removed.
func (w *world) wantRows(r *record, rows []*record) {
	w.Helper()
	for i, row := range rows {
		if row.Version != int64(i)+1 {
			w.Errorf("row %d of the %s is version %d", i+1, row.Kind, row.Version)
		}
		if i > 0 && row.At < rows[i-1].At {
			w.Errorf("version %d of the %s is older than the one before", row.Version, row.Kind)
		}
	}
	if r == nil {
		return
	}
	if len(rows) == 0 {
		w.Fatalf("the record is in version %d and has no history", r.Version)
	}
	last := rows[len(rows)-1]
	if last.Version != r.Version || last.At != r.ModifiedAt || last.Reason != r.Reason {
		w.Errorf("the record is version %d of %s, the last row version %d of %s", r.Version, r.ModifiedAt, last.Version, last.At)
	}
	if r.Next == nil && (last.State != r.State || !reflect.DeepEqual(last.Data, r.Data)) {
		w.Errorf("the record is %s %q, the last row %s %q", r.State, r.Data.Name, last.State, last.Data.Name)
	}
}

// namesOf returns the texts by which the name of a service is claimed.
func namesOf(d service.Data) []string {
	all := names.Claims(d.Name)
	for i, text := range all {
		all[i] = d.Organization.FiscalCode + "\x00" + text
	}
	return all
}

// holder returns the service that has claimed a name, "" for none: against all services when
// by is "", against the services of an owner when by is "#" and the owner.
func (w *world) holder(name, by string) string {
	w.Helper()
	for _, item := range w.Items(claimPK(name)) {
		c := servicestest.Decode[struct {
			SK        string `dynamodbav:"sk"`
			ServiceID string `dynamodbav:"serviceId"`
		}](w.TB, item)
		if c.SK == "NAME"+by {
			return c.ServiceID
		}
	}
	return ""
}

// claimPK returns the partition of the claims on a name.
func claimPK(name string) string {
	sum := sha256.Sum256([]byte(name))
	return "NAME#" + hex.EncodeToString(sum[:])
}
