package sample_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ciclo/cmd/internal/catalog"
	"ciclo/cmd/internal/sample"
	"ciclo/shared/consumers/consumer"
	"ciclo/shared/interop"
	"ciclo/shared/interop/agreement"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/interop/purpose"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/engine"
	"ciclo/shared/platform/testing/hooked"
	"ciclo/shared/services"
	"ciclo/shared/services/service"
)

// TestStrangersReadNoState sends the event of every operation on a thing as somebody who
// has no part in it, over all states of the thing. The refusals are equal, name no state
// and list no actions.
func TestStrangersReadNoState(t *testing.T) {
	t.Parallel()
	d := deploy(t)
	var all []visit
	for _, op := range catalog.Operations() {
		spec := op.Describe()
		if !strings.Contains(spec.Path, "{") || spec.Public || strings.HasPrefix(spec.Path, "/users/") {
			continue // everybody has users, and none but their own
		}
		if r := event(t, spec); r.stranger.Kind != "operator" { // who has a part in everything
			d.seed(t, spec.ID)
			all = append(all, r)
		}
	}
	for _, thing := range things {
		states := slices.DeleteFunc(slices.Clone(thing.machine.States), func(s lifecycle.State) bool { return s == lifecycle.None })
		answers := map[string]map[string][]lifecycle.State{} // by operation, then by answer
		for _, state := range states {
			if d.doctor(t, thing, state) == 0 {
				t.Fatalf("no sample data is a thing of %s", thing.machine.Name)
			}
			for _, r := range all {
				got := d.refusal(t, r, fmt.Sprint(thing.machine.Name, " ", state))
				if answers[r.ID] == nil {
					answers[r.ID] = map[string][]lifecycle.State{}
				}
				answers[r.ID][got] = append(answers[r.ID][got], state)
			}
		}
		d.restore(t)
		for id, different := range answers {
			if len(different) > 1 && !thing.open(id, different) {
				t.Errorf("a stranger's answers to %s tell the state of %s: %v", id, thing.machine.Name, different)
			}
		}
	}
}

// thing is what has a lifecycle: where it is stored, and its machine.
type thing struct {
	machine *lifecycle.Machine
	is      func(table.Key) bool
	public  bool // everybody may read it, in some states
}

var things = []thing{
	{machine: agreement.Machine, is: at("AGREEMENT#", "AGREEMENT")},
	{machine: purpose.Machine, is: at("PURPOSE#", "PURPOSE")},
	{machine: eservice.Machine, is: at("ESERVICE#", "DESCRIPTOR#"), public: true},
	{machine: service.Machine, is: at("SERVICE#", "LIFECYCLE")},
	{machine: service.Publication, is: at("SERVICE#", "PUBLICATION")},
	{machine: consumer.Machine, is: at("ISS#", "CONSUMER")},
}

func at(pk, sk string) func(table.Key) bool {
	return func(k table.Key) bool { return strings.HasPrefix(k.PK, pk) && strings.HasPrefix(k.SK, sk) }
}

// open tells whether answers may differ, because everybody may read what is public.
func (thing thing) open(id string, answers map[string][]lifecycle.State) bool {
	_, read := answers["200"]
	return thing.public && read && (strings.HasPrefix(id, "eservice/get") || strings.HasPrefix(id, "eservice/list"))
}

// deployment is all operations on one storage, of which every item is known.
type deployment struct {
	*written
	tap     *hooked.DB
	handler http.Handler
	around  *sample.Surroundings
	seeded  map[string]bool
	saved   map[table.Key]table.Item
}

// written remembers the keys at which something was written.
type written struct {
	table.DB
	mu   sync.Mutex
	keys map[table.Key]bool
}

// Write implements [table.DB].
func (w *written) Write(ctx context.Context, steps ...table.Step) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, step := range steps {
		w.keys[step.Key] = true
	}
	return w.DB.Write(ctx, steps...)
}

func deploy(t *testing.T) *deployment {
	t.Helper()
	around, err := sample.Surround(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(around.Stop)
	tap := &hooked.DB{DB: engine.Bolt(t, catalog.Schemas())}
	d := &deployment{
		written: &written{DB: tap, keys: map[table.Key]bool{}}, tap: tap, around: around,
		seeded: map[string]bool{}, saved: map[table.Key]table.Item{},
	}
	d.handler, err = api.NewHandler(api.Deps{
		DB: d, Now: func() time.Time { return time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC) }, Entropy: rand.Reader,
		Setting: func(string) string { return "" }, Log: slog.New(slog.DiscardHandler),
	}, catalog.Operations()...)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// seed makes what the event of an operation speaks of. The data of two products is the
// same for all of their operations.
func (d *deployment) seed(t *testing.T, id string) {
	t.Helper()
	name := sample.Tables(id)[0].Name
	if d.seeded[name] && name != interop.Table.Name {
		return
	}
	d.seeded[name] = true
	if err := d.around.Seed(t.Context(), d, id); err != nil {
		t.Fatal(err)
	}
}

// doctor gives every thing of a kind that state, and returns how many there are. An
// e-service keeps one version that is published, so that it stays visible to everybody.
func (d *deployment) doctor(t *testing.T, thing thing, state lifecycle.State) (n int) {
	t.Helper()
	for key := range d.keys {
		if !thing.is(key) || strings.HasSuffix(key.SK, "#999999") {
			continue
		}
		item, err := d.DB.Get(t.Context(), key)
		if err != nil {
			t.Fatal(err)
		}
		if item == nil {
			continue
		}
		if d.saved[key] == nil {
			d.saved[key] = item
		}
		if thing.public {
			published := key
			published.SK = "DESCRIPTOR#999999"
			d.put(t, published, inState(t, item, eservice.Published))
		}
		d.put(t, key, inState(t, item, state))
		n++
	}
	return n
}

func (d *deployment) restore(t *testing.T) {
	t.Helper()
	for key, item := range d.saved {
		d.put(t, key, item)
	}
	clear(d.saved)
}

func (d *deployment) put(t *testing.T, key table.Key, item any) {
	t.Helper()
	if err := d.DB.Write(t.Context(), table.Put("doctored", key, item)); err != nil {
		t.Fatal(err)
	}
}

// inState is an item in another state; of a purpose its newest version is.
func inState(t *testing.T, item table.Item, state lifecycle.State) map[string]any {
	t.Helper()
	record, err := table.As[map[string]any](item)
	if err != nil {
		t.Fatal(err)
	}
	changed := *record
	if versions, ok := changed["versions"].([]any); ok {
		if changed, ok = versions[len(versions)-1].(map[string]any); !ok {
			t.Fatalf("a version is %v", versions)
		}
	}
	changed["state"] = string(state)
	return *record
}

// visit is the event of an operation, its caller, and a stranger to what it names.
type visit struct {
	api.Spec
	at, body         string
	caller, stranger api.Identity
}

func event(t *testing.T, spec api.Spec) visit {
	t.Helper()
	text, err := os.ReadFile(eventFile(spec.ID))
	if err != nil {
		t.Fatal(err)
	}
	var e struct {
		Path                            string
		Body                            string
		MultiValueQueryStringParameters url.Values
		RequestContext                  struct {
			Authorizer struct{ Kind, Scopes, Subject, Issuers string }
		}
	}
	if err := json.Unmarshal(text, &e); err != nil {
		t.Fatal(err)
	}
	who := e.RequestContext.Authorizer
	caller := api.Identity{Subject: who.Subject, Tenants: strings.Fields(who.Issuers), Kind: who.Kind, Scopes: strings.Fields(who.Scopes)}
	stranger := caller
	stranger.Subject, stranger.Scopes = "00000000-0000-4000-8000-000000000009", scopes(who.Scopes)
	stranger.Tenants = []string{stranger.Subject}
	return visit{spec, e.Path + "?" + e.MultiValueQueryStringParameters.Encode(), e.Body, caller, stranger}
}

// scopes are those of the event, without the reviewer's, who may see every service.
func scopes(all string) []string {
	return slices.DeleteFunc(strings.Fields(all), func(s string) bool { return s == services.GroupReview })
}

// refusal is what a stranger is answered: the status and, of a refusal, the document.
func (d *deployment) refusal(t *testing.T, r visit, in string) string {
	t.Helper()
	rec := d.send(t, r.stranger, r.Method, r.at, r.body)
	if rec.Code/100 == 2 {
		if r.Method != http.MethodGet {
			t.Errorf("%s by a stranger, %s = %d", r.ID, in, rec.Code)
		}
		return fmt.Sprint(rec.Code)
	}
	var body map[string]any
	if err := json.Unmarshal(rec.Body.Bytes(), &body); err != nil {
		t.Fatal(err)
	}
	_, state := body["state"]
	_, actions := body["allowedActions"]
	if state || actions || rec.Code != http.StatusForbidden && rec.Code != http.StatusNotFound {
		t.Errorf("%s by a stranger, %s = %d\n%s", r.ID, in, rec.Code, rec.Body)
	}
	return fmt.Sprint(rec.Code, " ", rec.Body)
}
