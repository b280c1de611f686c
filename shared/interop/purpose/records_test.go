package purpose_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/platform/names"
	"ciclo/shared/platform/table"
)

// record is a purpose as it is stored.
type record struct {
	ID          string     `json:"id"`
	EServiceID  string     `json:"eserviceId"`
	ProducerID  string     `json:"producerId"`
	ConsumerID  string     `json:"consumerId"`
	Title       string     `json:"title"`
	Folded      bool       `json:"folded"`
	Analysed    bool       `json:"analysed"`
	ByConsumer  bool       `json:"suspendedByConsumer"`
	ByProducer  bool       `json:"suspendedByProducer"`
	Versions    []estimate `json:"versions"`
	Numbered    int        `json:"numbered"`
	WasRejected bool       `json:"wasRejected"`
	Version     int        `json:"version"`
}

// estimate is a version as it is stored.
type estimate struct {
	ID         string `json:"id"`
	Number     int    `json:"number"`
	State      string `json:"state"`
	DailyCalls int    `json:"dailyCalls"`
	Suspended  string `json:"suspendedAt"`
	Activated  string `json:"firstActivationAt"`
	Rejected   string `json:"rejectionReason"`
	Check      object `json:"check"`
}

// told is a row of a history as it is stored.
type told struct {
	VersionID string `json:"versionId"`
	From      string `json:"from"`
	To        string `json:"to"`
}

// decoded makes a T of what is stored.
func decoded[T any](w *world, stored object) T {
	w.Helper()
	var v T
	b, err := json.Marshal(stored)
	if err == nil {
		err = json.Unmarshal(b, &v)
	}
	if err != nil {
		w.Fatal(err)
	}
	return v
}

func (r *record) find(states ...string) *estimate {
	for i := range slices.Backward(r.Versions) {
		if slices.Contains(states, r.Versions[i].State) {
			return &r.Versions[i]
		}
	}
	return nil
}

// states are those by which lists should find a purpose.
func (r *record) states() (all []string) {
	for _, v := range r.Versions {
		if v.State != "ARCHIVED" && v.State != "REJECTED" {
			all = append(all, v.State)
		}
	}
	if r.WasRejected {
		return append(all, "REJECTED")
	}
	if len(all) == 0 {
		return []string{"ARCHIVED"}
	}
	return all
}

// derived is what should be stored besides a purpose and its past.
func (r *record) derived(add func(pk, sk string, item object)) {
	relation := "PURPOSES#OF#" + r.ConsumerID + "#" + r.EServiceID
	entry := object{"id": r.ID, "title": r.Title, "state": "", "eserviceId": r.EServiceID, "consumerId": r.ConsumerID}
	draft := len(r.Versions) == 1 && r.Versions[0].State == "DRAFT"
	if draft {
		entry["state"] = "DRAFT"
	}
	add(relation, "ENTRY#"+r.ID, entry)
	if last := r.find("DRAFT", "ACTIVE", "SUSPENDED", "ARCHIVED"); last == nil || last.State != "ARCHIVED" {
		texts := []string{strings.ToLower(r.Title)}
		if r.Folded {
			texts = names.Claims(r.Title)
		}
		for _, text := range texts {
			sum := sha256.Sum256([]byte(text))
			add(relation, "TITLE#"+hex.EncodeToString(sum[:]), object{"id": r.ID, "title": "", "state": "", "eserviceId": "", "consumerId": ""})
		}
	}
	for _, state := range r.states() {
		listed := maps.Clone(entry)
		listed["state"] = state
		if state == "ACTIVE" {
			listed["load"] = float64(r.find("ACTIVE").DailyCalls)
		}
		partitions := []string{"CONSUMER#" + r.ConsumerID}
		if !draft {
			partitions = append(partitions, "PRODUCER#"+r.ProducerID, "BETWEEN#"+r.ProducerID+"#"+r.ConsumerID)
		}
		for _, pk := range partitions {
			add("PURPOSES#"+pk, state+"#"+r.EServiceID+"#"+r.ID, listed)
		}
	}
}

// checkRecord holds a purpose against the rules.
func (w *world) checkRecord(r record) {
	w.Helper()
	count := map[string]int{}
	for i, v := range r.Versions {
		count[v.State]++
		if v.Number > r.Numbered || i > 0 && v.Number <= r.Versions[i-1].Number {
			w.Errorf("version %d of %s is out of order", v.Number, r.ID)
		}
		if (v.State == "SUSPENDED") != (v.Suspended != "") && v.State != "ARCHIVED" || v.State == "ACTIVE" && v.Activated == "" ||
			(v.State == "REJECTED") != (v.Rejected != "") || v.State == "WAITING_FOR_APPROVAL" && len(v.Check) == 0 {
			w.Errorf("version %+v of %s cannot be", v, r.ID)
		}
	}
	held := r.ByConsumer || r.ByProducer
	if count["ACTIVE"]+count["SUSPENDED"] > 1 || count["DRAFT"]+count["WAITING_FOR_APPROVAL"] > 1 || count["DRAFT"] > 0 && len(r.Versions) > 1 ||
		count["ACTIVE"] > 0 && held || count["SUSPENDED"] > 0 && !held || count["ARCHIVED"] > 1 || count["REJECTED"] > 1 || len(r.Versions) == 0 {
		w.Errorf("purpose %+v cannot be", r)
	}
}

// checkConsistent holds everything that is stored besides purposes against them: past
// versions, lists, titles, histories and the ledger, which is the sum of what is
// active. It is for when nothing is under way.
func (w *world) checkConsistent() {
	w.Helper()
	stored := w.stored()
	wanted, got := map[table.Key]object{}, map[table.Key]object{}
	loads, counted := map[string]float64{}, map[string]float64{}
	ends, histories := map[string]string{}, map[string][]told{}
	for key, item := range stored {
		kind, _, _ := strings.Cut(key.SK, "#")
		switch kind {
		case "PURPOSE":
			r := decoded[record](w, item)
			w.checkRecord(r)
			r.derived(func(pk, sk string, o object) {
				o = maps.Clone(o)
				o[table.PK], o[table.SK] = pk, sk
				if wanted[interop.Key(pk, sk)] != nil {
					w.Errorf("two purposes have %s %s", pk, sk)
				}
				wanted[interop.Key(pk, sk)] = o
			})
			for _, v := range r.Versions {
				ends[v.ID] = v.State
				if v.State == "ACTIVE" {
					loads["LOAD#"+r.EServiceID] += float64(v.DailyCalls)
					loads["LOAD#"+r.EServiceID+"#"+r.ConsumerID] += float64(v.DailyCalls)
				}
			}
			if stored[interop.Key(key.PK, "FORM")] == nil == r.Analysed {
				w.Errorf("purpose %s says %t of its risk analysis", r.ID, r.Analysed)
			}
		case "VERSION":
			v := decoded[estimate](w, item)
			if ends[v.ID] != "" || v.State != "ARCHIVED" && v.State != "REJECTED" {
				w.Errorf("version %+v is past", v)
			}
			ends[v.ID] = v.State
		case "HISTORY":
			histories[key.PK+" "+key.SK] = append(histories[key.PK+" "+key.SK], decoded[told](w, item))
		case "LOAD":
			load, _ := item["load"].(float64)
			counted[key.PK] = load
		case "FORM":
		default:
			got[key] = item
		}
	}
	for account := range counted {
		if _, used := loads[account]; !used {
			loads[account] = 0
		}
	}
	if diff := cmp.Diff(loads, counted); diff != "" {
		w.Errorf("the ledger is not the sum of what is active (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		w.Errorf("lists and titles are not as the purposes are (-want +got):\n%s", diff)
	}
	w.checkHistories(histories, ends)
}

// checkHistories fails unless the history of every version goes from state to state, and ends
// in the one that it has.
func (w *world) checkHistories(histories map[string][]told, ends map[string]string) {
	w.Helper()
	at := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(histories)) {
		for _, row := range histories[key] {
			if before := at[row.VersionID]; before == "" && row.From != "NONE" || before != "" && before != row.From {
				w.Errorf("%s goes from %s, which was %q", key, row.From, before)
			}
			at[row.VersionID] = row.To
		}
	}
	for id, state := range at {
		if state != "NONE" && ends[id] != state || state == "NONE" && ends[id] != "" {
			w.Errorf("the history of version %s ends in %s, but it is %q", id, state, ends[id])
		}
	}
	for id, state := range ends {
		if at[id] != state {
			w.Errorf("version %s is %s; its history says %s", id, state, at[id])
		}
	}
}
