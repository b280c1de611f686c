package eservice_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	alike "ciclo/shared/platform/names" // names is a function of these tests
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/listtest"
)

// partitions are the partitions of lists.
var partitions = []string{
	"PRODUCER#" + producer.Subject + "#ESERVICES", "PRODUCER#" + other.Subject + "#ESERVICES",
	"ESERVICES",
}

// records is everything that is stored about an e-service, and all lists.
func (w *world) records(path string) map[string]map[string]object {
	w.Helper()
	all := map[string]map[string]object{"record": w.Items("ESERVICE#" + idOf(path))}
	for _, pk := range partitions {
		all[pk] = w.Items(pk)
	}
	for _, e := range all["record"] {
		if name, ok := e["name"].(string); ok {
			all["name"] = w.Items(namePK(fmt.Sprint(e["producerId"]), name))
		}
	}
	return all
}

func namePK(producerID, name string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(name)))
	return "PRODUCER#" + producerID + "#NAME#" + hex.EncodeToString(sum[:])
}

// version counts the changes of an e-service.
func (w *world) version(path string) int {
	w.Helper()
	n, _ := w.Items("ESERVICE#" + idOf(path))["ESERVICE"]["version"].(float64)
	return int(n)
}

// put stores a state of a descriptor that no call leads to.
func (w *world) put(descriptor, state string) {
	w.Helper()
	parts := strings.Split(descriptor, "/")
	for sk, item := range w.Items("ESERVICE#" + parts[2]) {
		if item["id"] != parts[4] {
			continue
		}
		item["state"] = state
		delete(item, table.PK)
		delete(item, table.SK)
		key := table.Key{Table: interop.Table.Name, PK: "ESERVICE#" + parts[2], SK: sk}
		if err := w.Tap.DB.Write(w.Context(), table.Put("put", key, item)); err != nil {
			w.Fatal(err)
		}
		key.SK = "ESERVICE"
		known := table.Changes{Set: map[string]any{"descriptors": usable(w.Items(key.PK))}}
		if err := w.Tap.DB.Write(w.Context(), table.Update("root", key, known)); err != nil {
			w.Fatal(err)
		}
		return
	}
	w.Fatalf("there is no %s", descriptor)
}

// clearPersonalData removes the personal data flag, as if the e-service had been published
// by a release that did not require it.
func (w *world) clearPersonalData(path string) {
	w.Helper()
	key := table.Key{Table: interop.Table.Name, PK: "ESERVICE#" + idOf(path), SK: "ESERVICE"}
	if err := w.Tap.DB.Write(w.Context(), table.Update("clear", key, table.Changes{Remove: []string{"personalData"}})); err != nil {
		w.Fatal(err)
	}
}

// receive gives a published e-service the mode RECEIVE, with which an earlier release
// published.
func (w *world) receive(path string) {
	w.Helper()
	set := table.Changes{Set: map[string]any{"mode": "RECEIVE"}}
	root := table.Key{Table: interop.Table.Name, PK: "ESERVICE#" + idOf(path), SK: "ESERVICE"}
	steps := []table.Step{table.Update("root", root, set)}
	for _, pk := range partitions {
		for key := range w.live(pk) {
			if strings.HasSuffix(key.SK, "#"+idOf(path)) {
				steps = append(steps, table.Update("entry "+pk, key, set))
			}
		}
	}
	if err := w.Tap.DB.Write(w.Context(), steps...); err != nil {
		w.Fatal(err)
	}
	w.Restart() // entries do not change in place
}

// live returns the entries of a list by key, without those that were replaced or removed.
func (w *world) live(pk string) map[table.Key]object {
	w.Helper()
	return listtest.Live(w.byKey(pk))
}

// byKey returns what is stored in a partition, by key.
func (w *world) byKey(pk string) map[table.Key]object {
	w.Helper()
	all := map[table.Key]object{}
	for sk, item := range w.Items(pk) {
		all[table.Key{Table: interop.Table.Name, PK: pk, SK: sk}] = item
	}
	return all
}

// usable are the summaries that an e-service should have of its descriptors, nil for none.
func usable(stored map[string]object) any {
	var all []any
	for _, sk := range slices.Sorted(maps.Keys(stored)) {
		d := stored[sk]
		if state := d["state"]; !strings.HasPrefix(sk, "DESCRIPTOR#") || state != "PUBLISHED" && state != "SUSPENDED" && state != "DEPRECATED" {
			continue
		}
		said := object{}
		for _, name := range []string{"id", "number", "state", "audience", "voucherLifespan", "dailyCallsPerConsumer", "dailyCallsTotal"} {
			said[name] = d[name]
		}
		quotas := object{}
		groups, _ := d["certified"].([]any)
		for _, group := range groups {
			required, _ := group.([]any)
			for _, one := range required {
				r, _ := one.(object)
				id, _ := r["attributeId"].(string)
				calls, own := r["dailyCallsPerConsumer"].(float64)
				if most, _ := quotas[id].(float64); own && calls > most {
					quotas[id] = calls
				}
			}
		}
		if len(quotas) > 0 {
			said["quotas"] = quotas
		}
		all = append(all, said)
	}
	if all == nil {
		return nil
	}
	return all
}

// audit checks lists, names and summaries against the records of the e-services, which
// have to be all that exist, and the records against the rules.
func (w *world) audit(paths ...string) {
	w.Helper()
	entries, stored := map[table.Key]object{}, map[table.Key]object{}
	for _, path := range paths {
		items := w.Items("ESERVICE#" + idOf(path))
		root := items["ESERVICE"]
		delete(items, "ESERVICE")
		if root == nil {
			if len(items) > 0 {
				w.Errorf("%s is gone but for %v", path, items)
			}
			continue
		}
		if diff := cmp.Diff(usable(items), root["descriptors"]); diff != "" {
			w.Errorf("%s does not know its descriptors (-want +got):\n%s", path, diff)
		}
		drafts, live, public := 0, 0, false
		for sk, d := range items {
			if strings.HasPrefix(sk, "USE#") {
				continue
			}
			w.pointed(path, d)
			switch public = public || d["state"] != "DRAFT"; d["state"] {
			case "DRAFT":
				drafts++
			case "PUBLISHED":
				live++
			}
		}
		if drafts > 1 || live > 1 {
			w.Errorf("%s has %d drafts and %d published descriptors", path, drafts, live)
		}
		w.listed(entries, root, public)
	}
	for _, pk := range partitions {
		maps.Copy(stored, w.byKey(pk))
	}
	if diff := cmp.Diff(entries, listtest.Current(stored)); diff != "" {
		w.Errorf("the lists are not as the records are (-want +got):\n%s", diff)
	}
}

// pointed checks the pointer to a descriptor.
func (w *world) pointed(path string, d object) {
	w.Helper()
	pk := fmt.Sprint("DESCRIPTOR#", d["id"])
	want := map[string]object{"DESCRIPTOR": {table.PK: pk, table.SK: "DESCRIPTOR", "eserviceId": idOf(path), "number": d["number"]}}
	if diff := cmp.Diff(want, w.Items(pk)); diff != "" {
		w.Errorf("a descriptor is not found by its id (-want +got):\n%s", diff)
	}
}

// listed adds the list entries that an e-service should have, and checks its name.
func (w *world) listed(entries map[table.Key]object, root object, public bool) {
	w.Helper()
	name, owner := fmt.Sprint(root["name"]), fmt.Sprint(root["producerId"])
	lists := []string{"PRODUCER#" + owner + "#ESERVICES"}
	if public {
		lists = append(lists, "ESERVICES")
	}
	for _, pk := range lists {
		key := table.Key{Table: interop.Table.Name, PK: pk, SK: fmt.Sprint("@", root["id"])}
		entries[key] = object{
			table.PK: key.PK, table.SK: key.SK, "producerId": owner, "name": name, "technology": root["technology"], "mode": root["mode"],
		}
		for _, flag := range []string{"signalHub", "consumerDelegable", "clientAccessDelegable"} {
			if root[flag] == true {
				entries[key][flag] = true
			}
		}
	}
	texts := []string{name}
	if root["folded"] == true {
		texts = alike.Claims(name)
	}
	for _, text := range texts {
		if claim := w.Items(namePK(owner, text))["NAME"]; claim["eserviceId"] != root["id"] {
			w.Errorf("the name %q is claimed by %v, want %v", text, claim, root["id"])
		}
	}
}

// empty removes all items of a partition.
func (w *world) empty(pk string) {
	w.Helper()
	for sk := range w.Items(pk) {
		if err := w.Tap.DB.Write(w.Context(), table.Delete("remove", table.Key{Table: interop.Table.Name, PK: pk, SK: sk})); err != nil {
			w.Fatal(err)
		}
	}
}

// around changes an e-service past the tap, as another process does.
func (w *world) around(path string) {
	w.Helper()
	key := table.Key{Table: interop.Table.Name, PK: "ESERVICE#" + idOf(path), SK: "ESERVICE"}
	if err := w.Tap.DB.Write(w.Context(), table.Update("around", key, table.Changes{Add: map[string]int64{"version": 1}})); err != nil {
		w.Fatal(err)
	}
}
