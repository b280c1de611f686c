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
)

// partitions are the partitions of lists.
var partitions = []string{
	"PRODUCER#" + producer.Subject + "#ESERVICES", "PRODUCER#" + other.Subject + "#ESERVICES",
	"ESERVICES#REST#DELIVER", "ESERVICES#REST#RECEIVE", "ESERVICES#SOAP#DELIVER", "ESERVICES#SOAP#RECEIVE",
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
	without := table.Changes{Remove: []string{"personalData"}}
	root := w.Items("ESERVICE#" + idOf(path))["ESERVICE"]
	for pk, sk := range map[string]string{
		"ESERVICE#" + idOf(path):                                        "ESERVICE",
		fmt.Sprint("PRODUCER#", root["producerId"], "#ESERVICES"):       fmt.Sprint(strings.ToLower(fmt.Sprint(root["name"])), "#", root["id"]),
		fmt.Sprint("ESERVICES#", root["technology"], "#", root["mode"]): fmt.Sprint(strings.ToLower(fmt.Sprint(root["name"])), "#", root["id"]),
	} {
		if err := w.Tap.DB.Write(w.Context(), table.Update("clear", table.Key{Table: interop.Table.Name, PK: pk, SK: sk}, without)); err != nil {
			w.Fatal(err)
		}
	}
}

// receive gives a published e-service the mode RECEIVE, with which an earlier release
// published.
func (w *world) receive(path string) {
	w.Helper()
	root := w.Items("ESERVICE#" + idOf(path))["ESERVICE"]
	sk := fmt.Sprint(strings.ToLower(fmt.Sprint(root["name"])), "#", root["id"])
	own, was := fmt.Sprint("PRODUCER#", root["producerId"], "#ESERVICES"), fmt.Sprint("ESERVICES#", root["technology"], "#DELIVER")
	key := func(pk, sk string) table.Key { return table.Key{Table: interop.Table.Name, PK: pk, SK: sk} }
	entry := w.Items(was)[sk]
	delete(entry, table.PK)
	delete(entry, table.SK)
	entry["mode"] = "RECEIVE"
	set := table.Changes{Set: map[string]any{"mode": "RECEIVE"}}
	err := w.Tap.DB.Write(w.Context(), table.Update("root", key("ESERVICE#"+idOf(path), "ESERVICE"), set),
		table.Update("own", key(own, sk), set),
		table.Delete("was", key(was, sk)), table.Put("public", key(fmt.Sprint("ESERVICES#", root["technology"], "#RECEIVE"), sk), entry))
	if err != nil {
		w.Fatal(err)
	}
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
	entries := map[string]map[string]object{}
	for _, pk := range partitions {
		entries[pk] = map[string]object{}
	}
	for _, path := range paths {
		stored := w.Items("ESERVICE#" + idOf(path))
		root := stored["ESERVICE"]
		delete(stored, "ESERVICE")
		if root == nil {
			if len(stored) > 0 {
				w.Errorf("%s is gone but for %v", path, stored)
			}
			continue
		}
		if diff := cmp.Diff(usable(stored), root["descriptors"]); diff != "" {
			w.Errorf("%s does not know its descriptors (-want +got):\n%s", path, diff)
		}
		drafts, live, public := 0, 0, false
		for sk, d := range stored {
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
		if diff := cmp.Diff(entries[pk], w.Items(pk)); diff != "" {
			w.Errorf("the list %s is not as the records are (-want +got):\n%s", pk, diff)
		}
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
func (w *world) listed(entries map[string]map[string]object, root object, public bool) {
	w.Helper()
	name, owner := fmt.Sprint(root["name"]), fmt.Sprint(root["producerId"])
	lists := []string{"PRODUCER#" + owner + "#ESERVICES"}
	if public {
		lists = append(lists, fmt.Sprint("ESERVICES#", root["technology"], "#", root["mode"]))
	}
	for _, pk := range lists {
		entry := maps.Clone(root)
		entry["public"], entry["version"] = public, 0.0
		delete(entry, "descriptors")
		entry[table.PK], entry[table.SK] = pk, fmt.Sprint(strings.ToLower(name), "#", root["id"])
		entries[pk][fmt.Sprint(entry[table.SK])] = entry
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
