package catalog_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/interop"
	"ciclo/shared/interop/agreement"
	"ciclo/shared/interop/door"
	"ciclo/shared/interop/entry"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/interop/voucher"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/auth"
	"ciclo/shared/platform/claims"
	"ciclo/shared/platform/table"
)

func organization(id, role string) api.Identity {
	return api.Identity{Subject: id, Kind: interop.KindOrganization, Scopes: []string{role}}
}

var (
	producer  = organization("69e2865e-65ab-4e48-a638-2037a9ee2ee7", interop.RoleAdmin)
	consuming = organization("5f8d7a10-0000-4000-9000-000000000001", interop.RoleAdmin)
	another   = organization("5f8d7a10-0000-4000-9000-000000000002", interop.RoleAdmin)
	certifier = organization("5f8d7a10-0000-4000-a000-000000000001", interop.RoleCertifier)
)

// makes calls an operation that makes something and returns its id.
func (d *deployment) makes(t *testing.T, caller api.Identity, id, path, body string) string {
	t.Helper()
	var made struct{ ID string }
	if err := json.Unmarshal([]byte(d.as(t, caller, id, path, body)), &made); err != nil {
		t.Fatal(err)
	}
	return made.ID
}

// interop runs every way through the functions of the interop product.
func (d *deployment) interop(t *testing.T) {
	t.Helper()
	deps := d.deps(catalog.BearerAuthorizer)
	registrar := tenant.NewRegistrar(deps)
	for _, name := range []string{"first", "second"} { // which replaces the list entry
		for _, who := range []api.Identity{producer, consuming, another} {
			if err := registrar.Register(t.Context(), interop.Organization{ID: who.Subject, Name: name}); err != nil {
				t.Fatal(err)
			}
		}
	}
	enters(t, deps)
	d.eservices(t)
	of := d.attributes(t)
	d.requirements(t, of)
	d.tenants(t, of)
	d.agreements(t, of)
	d.purposes(t, of)
	d.users(t)
	d.answerKeys(t)
	d.platform(t)
}

// anyToken is of the producer, whatever it is.
type anyToken struct{ isOwn bool }

// Verify implements [door.Tokens].
func (a anyToken) Verify(context.Context, string) (claims.Verified, error) {
	return claims.Verified{Caller: producer, Own: a.isOwn}, nil
}

// enters counts a request of the producer, as the authorizer does, and sends one of an API
// client that does not exist.
func enters(t *testing.T, deps api.Deps) {
	t.Helper()
	for _, isOwn := range []bool{false, true} {
		entrance, err := door.Open(deps, anyToken{isOwn}, auth.ErrUnauthorized)
		if err != nil {
			t.Fatal(err)
		}
		id, refused, err := entrance.Enter(t.Context(), http.MethodGet, nil, http.Header{"Authorization": {"Bearer x"}})
		if err != nil || (refused != nil) != isOwn || !isOwn && id.Allowance.Limit == 0 {
			t.Fatalf("%+v, %+v, %v", id, refused, err)
		}
	}
}

const (
	descriptorTerms = `{"audience":["a"],"voucherLifespan":60,"dailyCallsPerConsumer":1,"dailyCallsTotal":2,"agreementApprovalPolicy":%q}`
	eserviceSeed    = `{"name":%q,"description":"description","technology":"REST","mode":"DELIVER","personalData":false,"descriptor":%s}`
)

// offer makes an e-service and returns its path and that of its descriptor.
func (d *deployment) offer(t *testing.T, name, policy string) (path, descriptor string) {
	t.Helper()
	seed := fmt.Sprintf(eserviceSeed, name, fmt.Sprintf(descriptorTerms, policy))
	path = "/eservices/" + d.makes(t, producer, "eservice/create", "/eservices", seed)
	var page struct{ Results []struct{ ID string } }
	if err := json.Unmarshal([]byte(d.as(t, producer, "eservice/list-descriptors", path+"/descriptors", "")), &page); err != nil {
		t.Fatal(err)
	}
	return path, path + "/descriptors/" + page.Results[0].ID
}

func (d *deployment) eservices(t *testing.T) {
	t.Helper()
	call := func(id, path, body string) { d.as(t, producer, "eservice/"+id, path, body) }
	terms := fmt.Sprintf(descriptorTerms, "MANUAL")
	removed, _ := d.offer(t, "to delete", "MANUAL")
	call("delete", removed, "")
	e, one := d.offer(t, "first name", "MANUAL")
	call("update", e, `{"name":"second name","technology":"SOAP"}`)
	call("update-descriptor", one, `{"voucherLifespan":120}`)
	call("publish", one+"/publish", "")
	draft := func() string {
		return e + "/descriptors/" + d.makes(t, producer, "eservice/create-descriptor", e+"/descriptors", terms)
	}
	call("delete-descriptor", draft(), "")
	two := draft()
	call("publish", two+"/publish", "")
	second := interop.Key("ESERVICE#"+strings.TrimPrefix(e, "/eservices/"), "DESCRIPTOR#000002")
	earlier := func() { // as an earlier release published it, without a claim on its audience
		t.Helper()
		if err := d.db.Write(t.Context(), table.Update("claim", second, table.Changes{Remove: []string{"audienceClaimed"}})); err != nil {
			t.Fatal(err)
		}
	}
	earlier()
	call("suspend", two+"/suspend", "")
	earlier()
	call("unsuspend", two+"/unsuspend", "")
	earlier()
	call("update-quotas", two+"/quotas", `{"dailyCallsTotal":3}`)
	call("get-descriptor", two, "")
	call("allowed-actions", two+"/allowedActions", "")
	call("eservice-allowed-actions", e+"/allowedActions", "")
	call("update-delegation", e+"/delegation", `{"isConsumerDelegable":true}`)
	call("update-description", e+"/description", `{"description":"another one"}`)
	call("update-name", e+"/name", `{"name":"third name"}`)
	call("update-signal-hub", e+"/signalHub", `{"isSignalHubEnabled":true}`)
	unset := table.Changes{Remove: []string{"personalData"}} // as an earlier release published it
	if err := d.db.Write(t.Context(), table.Update("flag", eservice.Key(strings.TrimPrefix(e, "/eservices/")), unset)); err != nil {
		t.Fatal(err)
	}
	call("set-personal-data", e+"/personalDataFlag", `{"personalData":true}`)
	call("get", e, "")
	call("list", "/eservices", "")
}

// attributes makes two of each kind and returns their ids.
func (d *deployment) attributes(t *testing.T) map[string][2]string {
	t.Helper()
	of := map[string][2]string{}
	for _, kind := range []string{"certified", "declared", "verified"} {
		var ids [2]string
		for i := range ids {
			who, seed := producer, `{"name":"attribute %d","description":"description"}`
			if kind == "certified" {
				who, seed = certifier, `{"name":"attribute %d","description":"description","code":"code %[1]d"}`
			}
			ids[i] = d.makes(t, who, "attribute/create-"+kind, "/"+kind+"Attributes", fmt.Sprintf(seed, i))
		}
		d.as(t, producer, "attribute/get-"+kind, "/"+kind+"Attributes/"+ids[0], "")
		d.as(t, producer, "attribute/list-"+kind, "/"+kind+"Attributes", "")
		of[kind] = ids
	}
	return of
}

func (d *deployment) requirements(t *testing.T, of map[string][2]string) {
	t.Helper()
	_, descriptor := d.offer(t, "asks for much", "MANUAL")
	for kind, ids := range of {
		groups := descriptor + "/" + kind + "Attributes/groups"
		d.as(t, producer, "eservice/create-"+kind+"-group", groups, fmt.Sprintf(`{"attributeIds":[%q]}`, ids[0]))
		d.as(t, producer, "eservice/add-"+kind+"-attributes", groups+"/0/attributes", fmt.Sprintf(`{"attributeIds":[%q]}`, ids[1]))
		d.as(t, producer, "eservice/list-"+kind+"-attributes", strings.TrimSuffix(groups, "/groups"), "")
		if kind == "certified" {
			d.as(t, producer, "eservice/update-certified-attribute", groups+"/0/attributes/"+ids[0], `{"dailyCallsPerConsumer":2}`)
		}
		d.as(t, producer, "eservice/remove-"+kind+"-attribute", groups+"/0/attributes/"+ids[1], "")
	}
}

func (d *deployment) tenants(t *testing.T, of map[string][2]string) {
	t.Helper()
	path := "/tenants/" + consuming.Subject
	d.as(t, producer, "tenant/list", "/tenants", "")
	d.as(t, producer, "tenant/get", path, "")
	d.as(t, certifier, "tenant/assign-certified-attribute", path+"/certifiedAttributes", fmt.Sprintf(`{"id":%q}`, of["certified"][0]))
	d.as(t, producer, "tenant/list-certified-attributes", path+"/certifiedAttributes", "")
	d.as(t, certifier, "tenant/revoke-certified-attribute", path+"/certifiedAttributes/"+of["certified"][0], "")
	d.as(t, consuming, "tenant/declare-attribute", path+"/declaredAttributes", fmt.Sprintf(`{"id":%q}`, of["declared"][0]))
	d.as(t, producer, "tenant/list-declared-attributes", path+"/declaredAttributes", "")
	d.as(t, consuming, "tenant/revoke-declared-attribute", path+"/declaredAttributes/"+of["declared"][0], "")
}

func (d *deployment) agreements(t *testing.T, of map[string][2]string) {
	t.Helper()
	e, descriptor := d.offer(t, "asks for one thing", "MANUAL")
	asks := fmt.Sprintf(`{"attributeIds":[%q]}`, of["verified"][0])
	d.as(t, producer, "eservice/create-verified-group", descriptor+"/verifiedAttributes/groups", asks)
	d.as(t, producer, "eservice/publish", descriptor+"/publish", "")
	eserviceID, descriptorID := strings.TrimPrefix(e, "/eservices/"), descriptor[strings.LastIndex(descriptor, "/")+1:]
	seed := fmt.Sprintf(`{"eserviceId":%q,"descriptorId":%q}`, eserviceID, descriptorID)
	act := func(who api.Identity, id, path, body string) {
		d.as(t, who, "agreement/"+id, "/agreements/"+path, body)
	}
	request := func(who api.Identity) string { return d.makes(t, who, "agreement/create", "/agreements", seed) }
	act(another, "delete", request(another), "")
	rejected := request(another)
	act(another, "submit", rejected+"/submit", `{}`)
	act(producer, "reject", rejected+"/reject", `{"reason":"twenty characters long"}`)
	act(another, "clone", rejected+"/clone", "")
	id := request(consuming)
	act(consuming, "submit", id+"/submit", `{}`)
	d.verify(t, of, id)
	act(producer, "approve", id+"/approve", "")
	act(producer, "suspend", id+"/suspend", "")
	act(producer, "unsuspend", id+"/unsuspend", "")
	act(producer, "get", id, "")
	act(producer, "history", id+"/history", "")
	act(producer, "allowed-actions", id+"/allowedActions", "")
	d.as(t, producer, "agreement/list", "/agreements?descriptorIds="+descriptorID, "")
	next := d.makes(t, producer, "eservice/create-descriptor", e+"/descriptors", fmt.Sprintf(descriptorTerms, "AUTOMATIC"))
	d.as(t, producer, "eservice/publish", e+"/descriptors/"+next+"/publish", "")
	upgraded := d.makes(t, consuming, "agreement/upgrade", "/agreements/"+id+"/upgrade", "")
	act(consuming, "archive", upgraded+"/archive", "")
	seed = fmt.Sprintf(`{"eserviceId":%q,"descriptorId":%q}`, eserviceID, next)
	inUse := request(consuming)
	act(consuming, "submit", inUse+"/submit", `{}`) // at once, as it asks for nothing
	more := d.makes(t, producer, "eservice/create-descriptor", e+"/descriptors", fmt.Sprintf(descriptorTerms, "AUTOMATIC"))
	d.as(t, producer, "eservice/create-declared-group", e+"/descriptors/"+more+"/declaredAttributes/groups",
		fmt.Sprintf(`{"attributeIds":[%q]}`, of["declared"][0]))
	d.as(t, producer, "eservice/publish", e+"/descriptors/"+more+"/publish", "")
	act(consuming, "upgrade", inUse+"/upgrade", "")                                   // to a draft
	d.refused(t, consuming, "agreement/upgrade", "/agreements/"+inUse+"/upgrade", "") // which is there already
	d.as(t, producer, "eservice/update-name", e+"/name", `{"name":"asks for nothing"}`)
	d.loses(t, of["declared"][1])
}

// loses puts an agreement into use and takes an attribute from its consumer.
func (d *deployment) loses(t *testing.T, declared string) {
	t.Helper()
	e, descriptor := d.offer(t, "asks for a declaration", "AUTOMATIC")
	d.as(t, producer, "eservice/create-declared-group", descriptor+"/declaredAttributes/groups",
		fmt.Sprintf(`{"attributeIds":[%q]}`, declared))
	d.as(t, producer, "eservice/publish", descriptor+"/publish", "")
	own := "/tenants/" + another.Subject + "/declaredAttributes"
	d.as(t, another, "tenant/declare-attribute", own, fmt.Sprintf(`{"id":%q}`, declared))
	id := d.makes(t, another, "agreement/create", "/agreements", fmt.Sprintf(`{"eserviceId":%q,"descriptorId":%q}`,
		strings.TrimPrefix(e, "/eservices/"), descriptor[strings.LastIndex(descriptor, "/")+1:]))
	d.as(t, another, "agreement/submit", "/agreements/"+id+"/submit", `{}`)
	d.as(t, another, "tenant/revoke-declared-attribute", own+"/"+declared, "")
}

// verify says through an agreement what its consumer owns, for a time and again,
// and takes it back.
func (d *deployment) verify(t *testing.T, of map[string][2]string, id string) {
	t.Helper()
	path := "/tenants/" + consuming.Subject + "/verifiedAttributes"
	says := fmt.Sprintf(`{"id":%q,"agreementId":%q`, of["verified"][0], id)
	until := func(after time.Duration) string {
		return fmt.Sprintf(`%s,"expirationDate":%q}`, says, table.Stamp(d.now.Add(after)))
	}
	d.as(t, producer, "tenant/verify-attribute", path, until(time.Hour))
	d.as(t, producer, "tenant/verify-attribute", path, until(2*time.Hour))
	own := path + "/" + of["verified"][0]
	d.as(t, producer, "tenant/revoke-verified-attribute", own+"?agreementId="+id, "")
	d.as(t, producer, "tenant/list-revokers", own+"/revokers", "")
	d.as(t, producer, "tenant/verify-attribute", path, until(time.Hour))
	d.as(t, producer, "tenant/list-verifiers", own+"/verifiers", "")
	d.as(t, producer, "tenant/list-verified-attributes", path, "")
}

// platform lets everything follow that can: what a tenant owns, the name and the
// requirements of an e-service, a descriptor that nobody uses.
func (d *deployment) platform(t *testing.T) {
	t.Helper()
	d.now = d.now.Add(time.Hour)
	expire, err := tenant.Expire.Start(d.deps(tenant.Expire.ID))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := expire(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	follow, err := agreement.Follow.Start(d.deps(agreement.Follow.ID))
	if err != nil {
		t.Fatal(err)
	}
	sweep, err := entry.Sweep.Start(d.deps(entry.Sweep.ID))
	if err != nil {
		t.Fatal(err)
	}
	for _, change := range d.changes {
		if err := follow(context.WithoutCancel(t.Context()), change); err != nil {
			t.Fatal(err)
		}
		if err := sweep(t.Context(), change); err != nil {
			t.Fatal(err)
		}
	}
}

// answerKeys makes the key that signs answers, and replaces it.
func (d *deployment) answerKeys(t *testing.T) {
	t.Helper()
	run, err := voucher.AnswerKeys.Start(d.deps(voucher.AnswerKeys.ID))
	if err != nil {
		t.Fatal(err)
	}
	for _, payload := range []string{`{}`, `{"action":"replace"}`} {
		if _, err := run(t.Context(), []byte(payload)); err != nil {
			t.Fatal(err)
		}
	}
}
