package catalog_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/consumers"
	"ciclo/shared/consumers/consumer"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/blob"
	"ciclo/shared/platform/blob/folder"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/seal"
	"ciclo/shared/platform/seal/local"
	"ciclo/shared/platform/sign"
	signlocal "ciclo/shared/platform/sign/local"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/engine"
	"ciclo/shared/services"
)

// recorder notes the DynamoDB actions that one function's calls come to.
type recorder struct {
	table.DB
	mu      sync.Mutex
	used    map[string]bool
	changed func(table.Change)
}

func (r *recorder) use(tableName, index, action string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if index != "" {
		tableName += "/index/" + index
	}
	r.used[tableName+" "+action] = true
}

func (r *recorder) Get(ctx context.Context, k table.Key) (table.Item, error) {
	r.use(k.Table, "", "GetItem")
	return r.DB.Get(ctx, k)
}

func (r *recorder) BatchGet(ctx context.Context, keys []table.Key) ([]table.Item, error) {
	for _, k := range keys {
		r.use(k.Table, "", "BatchGetItem")
	}
	return r.DB.BatchGet(ctx, keys)
}

// Snapshot takes the right to read each item.
func (r *recorder) Snapshot(ctx context.Context, keys []table.Key) ([]table.Item, error) {
	for _, k := range keys {
		r.use(k.Table, "", "GetItem")
	}
	return r.DB.Snapshot(ctx, keys)
}

func (r *recorder) Query(ctx context.Context, q table.Query) (table.Page, error) {
	r.use(q.Table, q.Index, "Query")
	return r.DB.Query(ctx, q)
}

func (r *recorder) Write(ctx context.Context, steps ...table.Step) error {
	keys := make([]table.Key, len(steps))
	for i, s := range steps {
		keys[i] = s.Key
		r.use(s.Key.Table, "", map[table.Verb]string{
			table.PutItem: "PutItem", table.UpdateItem: "UpdateItem", table.DeleteItem: "DeleteItem", table.CheckItem: "ConditionCheckItem",
		}[s.Verb])
	}
	before, err := r.DB.BatchGet(ctx, keys)
	if err != nil {
		return err
	}
	if err := r.DB.Write(ctx, steps...); err != nil {
		return err
	}
	after, err := r.DB.BatchGet(ctx, keys)
	for i, key := range keys {
		r.changed(table.Change{Key: key, Old: before[i], New: after[i]})
	}
	return err
}

func (r *recorder) UpdateOnce(ctx context.Context, step table.Step) (table.Item, error) {
	r.use(step.Key.Table, "", "UpdateItem")
	return r.DB.UpdateOnce(ctx, step) // no stream delivers what is changed so
}

func (r *recorder) DeleteAll(ctx context.Context, keys []table.Key) error {
	for _, k := range keys {
		r.use(k.Table, "", "BatchWriteItem")
	}
	return r.DB.DeleteAll(ctx, keys) // of a table without a stream
}

// deployment is every function with a recorder of its own, on the same tables.
type deployment struct {
	db       table.DB
	now      time.Time
	handlers map[string]http.Handler
	used     map[string]map[string]bool
	sealer   seal.Sealer
	logos    blob.Store
	signer   *sign.Signer
	mu       sync.Mutex
	changes  []table.Change // what the streams would deliver
}

func deploy(t *testing.T) *deployment {
	t.Helper()
	d := &deployment{
		db: engine.Bolt(t, catalog.Schemas()), now: time.Date(2026, 11, 21, 10, 0, 0, 0, time.UTC),
		handlers: map[string]http.Handler{}, used: map[string]map[string]bool{},
	}
	var err error
	if d.sealer, err = local.Open(""); err == nil {
		d.logos, err = folder.Open(t.TempDir())
	}
	if err == nil {
		d.signer, err = signlocal.Open("")
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, op := range catalog.Operations() {
		id := op.Describe().ID
		h, err := api.NewHandler(d.deps(id), op)
		if err != nil {
			t.Fatal(err)
		}
		d.handlers[id] = h
	}
	return d
}

func (d *deployment) deps(id string) api.Deps {
	r := &recorder{DB: d.db, used: map[string]bool{}, changed: d.note}
	d.used[id] = r.used
	return api.Deps{
		DB: r, Now: func() time.Time { return d.now }, Entropy: rand.Reader, Log: slog.New(slog.DiscardHandler),
		Sealer: d.sealer, Blobs: d.logos, Signer: d.signer, Keys: d.signer.Keys(),
		Setting: func(name string) string {
			return map[string]string{
				consumer.ReuseSetting: "true", "SIGN_ISSUER": voucherIssuer, "AUDIENCE": "audience", "TOKEN_ASSERTION_ONCE": "true",
			}[name]
		},
	}
}

func (d *deployment) note(change table.Change) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.changes = append(d.changes, change)
}

// checkExpiries checks that no function changes the expiry of a row that is recorded. The purge removes a row without a condition
// once a read says that it has expired (docs/decisions/0026-purge-in-batches.md).
func (d *deployment) checkExpiries(t *testing.T) {
	t.Helper()
	changed := 0
	for _, change := range d.changes {
		was, recorded := change.Old[retention.ExpiresAt]
		if change.Key.Table != retention.Operations.Name || !recorded || change.New == nil {
			continue
		}
		changed++
		if is := change.New[retention.ExpiresAt]; !reflect.DeepEqual(was, is) {
			t.Errorf("the expiry of %v changes from %v to %v", change.Key, was, is)
		}
	}
	if changed == 0 {
		t.Error("no row of an operation was changed")
	}
}

// call calls an operation of the consumers product.
func (d *deployment) call(t *testing.T, id, path, body string) {
	t.Helper()
	issuer := api.Identity{Subject: "ISSUER-001", Tenants: []string{"ISSUER-001"}, Scopes: consumers.Writers}
	d.as(t, issuer, id, "/issuers/ISSUER-001/"+path, body)
}

// manage calls an operation of the services product, and returns its answer's body.
func (d *deployment) manage(t *testing.T, id, path, body string) string {
	t.Helper()
	owner := api.Identity{Subject: "owner", Kind: services.KindManage, Scopes: services.OwnersOrReviewers}
	return d.as(t, owner, "service/"+id, services.Base+path, body)
}

// as calls an operation, and returns its answer's body.
func (d *deployment) as(t *testing.T, caller api.Identity, id, path, body string) string {
	t.Helper()
	rec, spec := d.send(t, caller, id, path, body)
	if rec.Code != spec.Status {
		t.Fatalf("%s %s = %d, want %d\n%s", id, path, rec.Code, spec.Status, rec.Body)
	}
	return rec.Body.String()
}

// refused calls an operation that is to refuse.
func (d *deployment) refused(t *testing.T, caller api.Identity, id, path, body string) {
	t.Helper()
	if rec, _ := d.send(t, caller, id, path, body); rec.Code/100 != 4 {
		t.Fatalf("%s %s = %d, want a refusal\n%s", id, path, rec.Code, rec.Body)
	}
}

func (d *deployment) send(t *testing.T, caller api.Identity, id, path, body string) (*httptest.ResponseRecorder, api.Spec) {
	t.Helper()
	var spec api.Spec
	for _, op := range catalog.Operations() {
		if op.Describe().ID == id {
			spec = op.Describe()
		}
	}
	req := httptest.NewRequestWithContext(api.WithIdentity(t.Context(), caller), spec.Method, path, strings.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	rec := httptest.NewRecorder()
	d.handlers[id].ServeHTTP(rec, req)
	return rec, spec
}

// TestAccessIsWhatIsUsed runs every way through every function and compares what
// it does to tables with its Access, which TestPolicies compares with the
// template: nothing is used that is not granted, nothing granted that is not used.
func TestAccessIsWhatIsUsed(t *testing.T) {
	t.Parallel()
	d := deploy(t)
	account := `{"consumerId":"ann","state":%q}`
	d.call(t, "consumer/register", "consumers/ann", "")
	d.call(t, "consumer/register", "consumers/ann", "")
	d.call(t, "consumer/register-cards", "consumers/ann/cards", `{"cards":[{"cardId":"c1"}]}`)
	d.call(t, "consumer/register-cards", "consumers/ann/cards", `{"cards":[{"cardId":"c1","state":"INACTIVE"}]}`)
	d.call(t, "account/register", "accounts/a1", fmt.Sprintf(account, "ACTIVE"))
	d.call(t, "account/register", "accounts/a1", fmt.Sprintf(account, "INACTIVE"))
	d.call(t, "digitalcard/register", "cards/c1/digitalCards/d1", "")
	d.call(t, "digitalcard/register", "cards/c1/digitalCards/d1", `{"state":"SUSPENDED"}`)
	d.call(t, "consumer/get", "consumers/ann", "")
	d.call(t, "consumer/list-accounts", "consumers/ann/accounts", "")
	d.call(t, "consumer/list-cards", "consumers/ann/cards", "")
	d.call(t, "card/get", "cards/c1", "")
	d.call(t, "operation/list", "consumers/ann/operations", "")
	d.call(t, "consumer/delete", "consumers/ann/operations:delete", "")
	d.call(t, "consumer/register", "consumers/ann", "") // again, as a new incarnation
	d.call(t, "consumer/register-cards", "consumers/bob/cards", `{"cards":[{"cardId":"c2"}]}`)
	for i := range 100 {
		d.call(t, "digitalcard/register", fmt.Sprintf("cards/c2/digitalCards/d%d", i), "")
	}
	d.call(t, "consumer/delete", "consumers/bob/operations:delete", "")
	d.work(t)
	d.services(t)
	d.issuers(t)
	d.interop(t)
	d.checkExpiries(t)
	declared := map[string][]string{}
	for _, f := range catalog.Functions() {
		if f.ID == "operation/get" {
			continue // one Get; its Access is that
		}
		want := map[string]bool{}
		for _, a := range f.Access {
			name := a.Table.Name
			if a.Index != "" {
				name += "/index/" + a.Index
			}
			for _, action := range a.Actions {
				want[name+" "+action] = true
			}
		}
		if len(f.Access) > 0 {
			d.used[f.ID][f.Access[0].Table.Name+" GetItem"] = true // by prewarming
		}
		declared[f.ID] = slices.Sorted(maps.Keys(want))
	}
	used := map[string][]string{}
	for id := range declared {
		used[id] = slices.Sorted(maps.Keys(d.used[id]))
	}
	if diff := cmp.Diff(declared, used); diff != "" {
		t.Errorf("functions do not use what their Access says (-Access +used):\n%s", diff)
	}
}

// work runs the worker on bob's deletion, and the purge on the expired half of a
// day's operations and later on the rest.
func (d *deployment) work(t *testing.T) {
	t.Helper()
	handle, err := consumer.Cascade.Start(d.deps("consumer/cascade"))
	if err != nil {
		t.Fatal(err)
	}
	key := table.Key{Table: consumer.Consumers.Name, PK: "ISS#ISSUER-001#CON#bob", SK: "CONSUMER"}
	item, err := d.db.Get(t.Context(), key)
	if err == nil {
		err = handle(t.Context(), table.Change{Key: key, New: item})
	}
	if err != nil {
		t.Fatal(err)
	}
	// A cascade that ends as FAILED needs nothing else: it updates both rows.
	d.now = d.now.Add(time.Hour)
	d.call(t, "consumer/register", "consumers/eve", "")
	purge, err := retention.PurgeOperations.Start(d.deps("retention/purge"))
	if err != nil {
		t.Fatal(err)
	}
	d.now = d.now.AddDate(0, 3, 0)
	for _, request := range []string{`{"dryRun":true}`, `{}`} {
		if _, err := purge(t.Context(), []byte(request)); err != nil {
			t.Fatal(err)
		}
	}
}
