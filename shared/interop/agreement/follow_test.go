package agreement_test

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/hooked"
)

// subscribed activates n agreements of the consumer, each on a new e-service that requires
// the attribute, and returns their ids.
func (w *world) subscribed(n int, declared string) []string {
	w.Helper()
	ids := make([]string, n)
	for i := range ids {
		ids[i] = w.createDraft(w.newOffer("AUTOMATIC", requirement{attribute.Declared, []string{declared}}))
		w.mustAct(consumer, ids[i], "submit")
	}
	w.follow()
	return ids
}

// count returns how many agreements of the consumer are in a state.
func (w *world) count(state string) int {
	w.Helper()
	pagination, _ := w.OK(consumer, "GET", "/agreements?states="+state+"&consumerIds="+consumer.Subject+"&limit=1",
		"").Body["pagination"].(object)
	n, _ := pagination["totalCount"].(float64)
	return int(n)
}

// TestManyFollow revokes and assigns an attribute that many agreements require, and
// interrupts the platform. The next delivery changes only the agreements that are left.
func TestManyFollow(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		many, until := 120, int64(50)
		if w.fewer(many) < many {
			many, until = 12, 8
		}
		declared := w.attribute(attribute.Declared)
		w.assign(attribute.Declared, declared, "")
		w.subscribed(many, declared)
		w.revoke(attribute.Declared, declared, "")
		change, _ := w.NextChange()
		for change.Key.SK != "ATTRIBUTES" {
			change, _ = w.NextChange()
		}
		w.Tap.Set(failAfter(until))
		if err := w.deliver(change); err == nil {
			t.Fatal("the interrupted delivery succeeded")
		}
		w.Tap.Set(nil)
		before := w.count("SUSPENDED") // the interruption may cancel some writes that passed
		if before == 0 || before > int(until) {
			t.Errorf("suspended at the interruption = %d, want 1 to %d", before, until)
		}
		var writes atomic.Int64
		w.Tap.Set(func(c *hooked.Call) error {
			if c.Writes() {
				writes.Add(1)
			}
			return c.Run()
		})
		if err := w.deliver(change); err != nil {
			t.Fatal(err)
		}
		w.Tap.Set(nil)
		interoptest.Equal(t, "writes of the second run", int(writes.Load()), many-before)
		interoptest.Equal(t, "suspended", w.count("SUSPENDED"), many)
		w.assign(attribute.Declared, declared, "")
		w.follow()
		interoptest.Equal(t, "active again", w.count("ACTIVE"), many)
		w.checkConsistent()
	})
}

// failAfter returns a hook that fails every write after the first n.
func failAfter(n int64) hooked.Hook {
	var written atomic.Int64
	return func(c *hooked.Call) error {
		if c.Writes() && written.Add(1) > n {
			return hooked.ErrDown
		}
		return c.Run()
	}
}

// TestFollowedOnce delivers one change many times at once. The history has it once.
func TestFollowedOnce(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		declared := w.attribute(attribute.Declared)
		w.assign(attribute.Declared, declared, "")
		id := w.subscribed(1, declared)[0]
		w.revoke(attribute.Declared, declared, "")
		change := table.Change{Key: table.Key{Table: "interop", PK: "TENANT#" + consumer.Subject, SK: "ATTRIBUTES"}}
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if err := w.deliver(change); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		interoptest.Equal(t, "history", w.history(id), "create NONE-DRAFT, submit DRAFT-ACTIVE, recompute ACTIVE-SUSPENDED")
		w.checkConsistent()
	})
}

// TestWiderGroup adds an attribute that the consumer owns to a group of which it had lost
// the only one. The agreement is active again.
func TestWiderGroup(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		lost, kept := w.attribute(attribute.Declared), w.attribute(attribute.Declared)
		w.assign(attribute.Declared, lost, "")
		w.assign(attribute.Declared, kept, "")
		o := w.newOffer("AUTOMATIC", requirement{attribute.Declared, []string{lost}})
		id := w.createDraft(o)
		w.mustAct(consumer, id, "submit")
		w.revoke(attribute.Declared, lost, "")
		w.follow()
		interoptest.Equal(t, "without it", w.state(id), "SUSPENDED Platform")
		w.OK(producer, "POST", o.path()+"/declaredAttributes/groups/0/attributes", interoptest.JSON(object{"attributeIds": []string{kept}}))
		w.follow()
		interoptest.Equal(t, "with another", w.state(id), "ACTIVE")
	})
}

// TestLastAgreementArchivesDescriptor checks that a deprecated descriptor is archived with
// the last agreement on it, by an archive or by an upgrade.
func TestLastAgreementArchivesDescriptor(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for _, end := range []string{"archive", "upgrade"} {
			o := w.newOffer("AUTOMATIC")
			ids := []string{w.createDraft(o), w.createDraftAs(stranger, o)}
			w.mustAct(consumer, ids[0], "submit")
			w.mustAct(stranger, ids[1], "submit")
			w.newDescriptor(o, "AUTOMATIC")
			w.mustAct(consumer, ids[0], end)
			w.follow()
			interoptest.Equal(t, end+": one agreement left", w.OK(producer, "GET", o.path(), "").Text("state"), "DEPRECATED")
			w.mustAct(stranger, ids[1], "suspend")
			w.follow()
			interoptest.Equal(t, end+": one suspended agreement left", w.OK(producer, "GET", o.path(), "").Text("state"), "DEPRECATED")
			w.mustAct(stranger, ids[1], end)
			w.follow()
			interoptest.Equal(t, end+": no agreement left", w.OK(producer, "GET", o.path(), "").Text("state"), "ARCHIVED")
		}
	})
}

// TestAudienceIsFreeAfterLastAgreement checks that another producer can publish the
// audience of a descriptor after the platform has archived it with its last agreement.
func TestAudienceIsFreeAfterLastAgreement(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o := w.newOffer("AUTOMATIC")
		id := w.createDraft(o)
		w.mustAct(consumer, id, "submit")
		newer := terms("AUTOMATIC")
		newer["audience"] = []string{"api.example.it/v2"}
		next := offer{o.id, w.OK(producer, "POST", "/eservices/"+o.id+"/descriptors", interoptest.JSON(newer)).Text("id")}
		w.OK(producer, "POST", next.path()+"/publish", "")
		seed := object{
			"name": "Another's", "description": "Certificati online", "technology": "REST", "mode": "DELIVER",
			"personalData": false, "descriptor": terms("AUTOMATIC"),
		}
		theirs := offer{id: w.OK(stranger, "POST", "/eservices", interoptest.JSON(seed)).Text("id")}
		theirs.descriptor = fmt.Sprint(interoptest.Results(w.OK(stranger, "GET", "/eservices/"+theirs.id+"/descriptors", ""))[0]["id"])
		w.follow()
		w.Refused(w.As(stranger, "POST", theirs.path()+"/publish", ""), interop.AudienceTaken)
		w.mustAct(consumer, id, "archive")
		w.follow()
		interoptest.Equal(t, "no agreement left", w.OK(producer, "GET", o.path(), "").Text("state"), "ARCHIVED")
		w.OK(stranger, "POST", theirs.path()+"/publish", "")
		w.Refused(w.As(producer, "POST", w.newDraftDescriptor(o)+"/publish", ""), interop.AudienceTaken)
	})
}

// TestRenamed checks that agreements are listed by the current name of their e-service.
func TestRenamed(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		var ids []string
		for _, name := range []string{"Bbbbb", "Ccccc"} {
			o := w.newOfferAs(producer, name, "AUTOMATIC")
			ids = append(ids, w.createDraft(o))
			if name == "Ccccc" {
				w.mustAct(consumer, ids[1], "submit")
				w.mustAct(consumer, ids[1], "archive")
				w.OK(producer, "PATCH", "/eservices/"+o.id+"/name", `{"name":"Aaaaa"}`)
			}
		}
		before := w.history(ids[1])
		w.follow()
		var got []string
		for _, a := range interoptest.Results(w.OK(consumer, "GET", "/agreements", "")) {
			got = append(got, fmt.Sprint(a["id"]))
		}
		interoptest.Equal(t, "order", fmt.Sprint(got), fmt.Sprint([]string{ids[1], ids[0]}))
		interoptest.Equal(t, "history", w.history(ids[1]), before)
		w.checkConsistent()
	})
}

// TestUnrelatedChanges checks that the worker makes no call for other changes.
func TestUnrelatedChanges(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		w.Tap.Set(func(c *hooked.Call) error {
			t.Errorf("the worker called %v", c)
			return c.Run()
		})
		empty := table.Item{}
		for _, key := range []table.Key{
			{Table: "interop", PK: "AGREEMENT#x", SK: "AGREEMENT"},
			{Table: "interop", PK: "TENANT#x", SK: "TENANT"},
			{Table: "interop", PK: "ESERVICE#x", SK: "ESERVICE"},
			{Table: "interop", PK: "ESERVICE#x", SK: "DESCRIPTOR#000001"},
		} {
			for _, change := range []table.Change{{Key: key, New: empty}, {Key: key, Old: empty}, {Key: key, Old: empty, New: empty}} {
				if err := w.deliver(change); err != nil {
					t.Error(err)
				}
			}
		}
	})
}
