package purpose_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/names"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/listtest"
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

// historyRow is a row of a history as it is stored.
type historyRow struct {
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

// states are those that lists should find a purpose by.
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

// derived adds what should be stored beside a purpose and its past.
func (r *record) derived(add func(pk, sk string, item object)) {
	relation := "PURPOSES#OF#" + r.ConsumerID + "#" + r.EServiceID
	if last := r.find("DRAFT", "ACTIVE", "SUSPENDED", "ARCHIVED"); last == nil || last.State != "ARCHIVED" {
		texts := []string{strings.ToLower(r.Title)}
		if r.Folded {
			texts = names.Claims(r.Title)
		}
		for _, text := range texts {
			sum := sha256.Sum256([]byte(text))
			add(relation, "TITLE#"+hex.EncodeToString(sum[:]), object{"id": r.ID})
		}
	}
	list := func(pk, other string) {
		entry := object{"title": r.Title, "eserviceId": r.EServiceID, "otherId": other}
		var states []any
		for _, state := range r.states() {
			states = append(states, state)
		}
		entry["states"] = states
		if active := r.find("ACTIVE"); active != nil {
			entry["load"] = float64(active.DailyCalls)
		}
		add("PURPOSES#"+pk, "@"+r.ID, entry)
	}
	list("CONSUMER#"+r.ConsumerID, r.ProducerID)
	if draft := len(r.Versions) == 1 && r.Versions[0].State == "DRAFT"; !draft && r.ConsumerID != r.ProducerID {
		list("PRODUCER#"+r.ProducerID, r.ConsumerID)
	}
}

// checkRecord compares a purpose with the rules.
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
	if count["ACTIVE"]+count["SUSPENDED"] > 1 || count["DRAFT"]+count["WAITING_FOR_APPROVAL"] > 1 || count["DRAFT"] > 0 &&
		len(r.Versions) > 1 ||
		count["ACTIVE"] > 0 && held || count["SUSPENDED"] > 0 && !held || count["ARCHIVED"] > 1 || count["REJECTED"] > 1 || len(r.Versions) == 0 {
		w.Errorf("purpose %+v cannot be", r)
	}
}

// audit compares what is stored about purposes with what follows from the purposes.
type audit struct {
	*world

	stored    map[table.Key]object
	wanted    map[table.Key]object    // entries in lists and titles
	got       map[table.Key]object    // the same as they are stored
	loads     map[string]float64      // by account of the ledger, as the purposes add up
	counted   map[string]float64      // the same as the ledger has them
	ends      map[string]string       // states by version
	histories map[string][]historyRow // by row
}

// checkConsistent checks everything that is stored beside the purposes: past versions,
// lists, titles, histories and the ledger, which is the sum of the active versions. No
// call may be running.
func (w *world) checkConsistent() {
	w.Helper()
	a := &audit{
		world: w, stored: w.stored(), wanted: map[table.Key]object{}, got: map[table.Key]object{}, loads: map[string]float64{},
		counted: map[string]float64{}, ends: map[string]string{}, histories: map[string][]historyRow{},
	}
	for key, item := range a.stored {
		a.item(key, item)
	}
	for account := range a.counted {
		if _, used := a.loads[account]; !used {
			a.loads[account] = 0
		}
	}
	interoptest.Equal(w.TB, "the ledger", a.counted, a.loads)
	interoptest.Equal(w.TB, "the lists and titles", listtest.Current(a.got), a.wanted)
	w.checkHistories(a.histories, a.ends)
}

// item takes in one stored item.
func (a *audit) item(key table.Key, item object) {
	a.Helper()
	kind, _, _ := strings.Cut(key.SK, "#")
	switch kind {
	case "PURPOSE":
		a.purpose(decoded[record](a.world, item))
	case "VERSION":
		v := decoded[estimate](a.world, item)
		if a.ends[v.ID] != "" || v.State != "ARCHIVED" && v.State != "REJECTED" {
			a.Errorf("version %+v is past", v)
		}
		a.ends[v.ID] = v.State
	case "HISTORY":
		row := key.PK + " " + key.SK
		a.histories[row] = append(a.histories[row], decoded[historyRow](a.world, item))
	case "LOAD":
		load, _ := item["load"].(float64)
		a.counted[key.PK] = load
	case "FORM":
	default:
		a.got[key] = item
	}
}

// purpose takes in one purpose, and what follows from it.
func (a *audit) purpose(r record) {
	a.Helper()
	a.checkRecord(r)
	r.derived(func(pk, sk string, o object) {
		o = maps.Clone(o)
		o[table.PK] = pk
		o[table.SK] = sk
		if a.wanted[interop.Key(pk, sk)] != nil {
			a.Errorf("two purposes have %s %s", pk, sk)
		}
		a.wanted[interop.Key(pk, sk)] = o
	})
	for _, v := range r.Versions {
		a.ends[v.ID] = v.State
		if v.State == "ACTIVE" {
			a.loads["LOAD#"+r.EServiceID] += float64(v.DailyCalls)
			a.loads["LOAD#"+r.EServiceID+"#"+r.ConsumerID] += float64(v.DailyCalls)
		}
	}
	if a.stored[interop.Key("PURPOSE#"+r.ID, "FORM")] == nil == r.Analysed {
		a.Errorf("purpose %s has analysed = %t", r.ID, r.Analysed)
	}
}

// checkHistories fails unless the history of every version goes from state to state, and ends
// in the one that it has.
func (w *world) checkHistories(histories map[string][]historyRow, ends map[string]string) {
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
