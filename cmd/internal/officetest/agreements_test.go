package officetest_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/google/uuid"

	"ciclo/cmd/internal/officetest"
)

// another is an organization that calls the API for itself.
type another struct {
	t         *testing.T
	id, token string
}

// newOrganization registers an organization with a name of its own.
func newOrganization(t *testing.T, name string) *another {
	t.Helper()
	return organization(t, uuid.NewString(), name)
}

func organization(t *testing.T, id, name string) *another {
	t.Helper()
	return &another{t, id, site.Token(t, "organizationId="+id+"&role=m2m-admin&organizationName="+url.QueryEscape(name))}
}

// call calls the API of interop as the organization, and returns the answer.
func (o *another) call(method, path string, body map[string]any) map[string]any {
	o.t.Helper()
	return site.JSON(o.t, o.token, method, path, body)
}

// ask makes an agreement that waits for the producer.
func (o *another) ask(eservice, descriptor string) (id string) {
	o.t.Helper()
	id, _ = o.call(http.MethodPost, "/agreements", map[string]any{"eserviceId": eservice, "descriptorId": descriptor})["id"].(string)
	o.call(http.MethodPost, "/agreements/"+id+"/submit", map[string]any{})
	return id
}

// publishEService makes an e-service of the producer that can be asked for.
func publishEService(m *officetest.Maker, name string) (eservice, descriptor string) {
	eservice, descriptor = m.EService(name, 1000, 10000)
	m.Publish(eservice, descriptor)
	return eservice, descriptor
}

// rows returns the ids of the agreements in the table of a page.
func rows(p *officetest.Shown) []string {
	var ids []string
	for _, href := range p.Find("main tbody th a").Map(func(_ int, a *goquery.Selection) string { return a.AttrOr("href", "") }) {
		ids = append(ids, href[strings.LastIndex(href, "/")+1:])
	}
	return ids
}

// allRows follows the pages of a list.
func allRows(t *testing.T, p *officetest.Shown) []string {
	t.Helper()
	ids := rows(p)
	for p.Link("Next") != "" {
		p = p.Click("Next")
		ids = append(ids, rows(p)...)
	}
	return ids
}

// TestPendingOfTheConsumer is case 1 of seed 002: the subscriber requests its own agreements
// in PENDING, two on a page. With consumerIds there is none for which it is the producer.
func TestPendingOfTheConsumer(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	other := newOrganization(t, "Provincia "+m.Suffix())
	var asked, eservices []string
	for _, name := range []string{"Alpha", "Beta", "Gamma"} {
		e, d := publishEService(m, name)
		asked, eservices = append(asked, m.Agreement(e, d)), append(eservices, e)
	}
	inUse, _, _ := m.ActiveAgreement("Delta", 100, 1000)
	own, descriptor := organization(t, officetest.Consumer, "Comune").offer("Epsilon " + m.Suffix())
	toDecide := other.ask(own, descriptor)
	// Other tests change the list of all agreements while this one pages through it.
	only := "&eserviceIds=" + strings.Join(append(eservices, inUse, own), ",")

	v := site.As(t, "consumer")
	query := "states=PENDING&consumerIds=" + officetest.Consumer + "&offset=0&limit=2" + only
	first := v.Open("/office/agreements?" + query)
	if n := len(rows(first)); n != 2 {
		t.Errorf("a page of two has %d agreements", n)
	}
	first.See("1–2 of 3", "Waiting for approval").Miss("To decide (")
	if found := allRows(t, first); !sameIDs(found, asked...) {
		t.Errorf("lists %q, want the three that the consumer asked for, %q", found, asked)
	}
	// Without consumerIds, which is not mandatory, the one that others ask for is listed, too.
	if found := allRows(t, v.Open("/office/agreements?states=PENDING"+only)); !sameIDs(found, append(asked, toDecide)...) {
		t.Errorf("without consumerIds lists %q, want %q and %s", found, asked, toDecide)
	}
}

// offer makes an e-service of the organization that can be asked for.
func (o *another) offer(name string) (eservice, descriptor string) {
	o.t.Helper()
	eservice, _ = o.call(http.MethodPost, "/eservices", map[string]any{
		"name": name, "description": "Looks residents up", "technology": "REST", "mode": "DELIVER", "personalData": true,
		"descriptor": map[string]any{
			"audience": []string{uuid.NewString() + ".example.it/v1"}, "voucherLifespan": 600,
			"dailyCallsPerConsumer": 1000, "dailyCallsTotal": 10000, "agreementApprovalPolicy": "MANUAL",
		},
	})["id"].(string)
	descriptor = site.FirstDescriptor(o.t, o.token, eservice)
	o.call(http.MethodPost, "/eservices/"+eservice+"/descriptors/"+descriptor+"/publish", nil)
	return eservice, descriptor
}

// TestPendingOfTheProducer is cases 2 and 3 of seed 002: the producer retrieves the agreements
// in PENDING for its e-service, then those of one subscriber on it.
func TestPendingOfTheProducer(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	one, two := newOrganization(t, "Regione "+m.Suffix()), newOrganization(t, "Unione "+m.Suffix())
	e, d := publishEService(m, "Register")
	elsewhere, elsewhereD := publishEService(m, "Elsewhere")
	a, b, active := m.Agreement(e, d), one.ask(e, d), two.ask(e, d)
	m.AsProducer(http.MethodPost, "/agreements/"+active+"/approve", nil)
	one.ask(elsewhere, elsewhereD)

	v := site.As(t, "producer")
	pending := "/office/agreements?states=PENDING&eserviceIds=" + e
	shown := v.Open(pending + "&offset=0&limit=2")
	if got := rows(shown); !sameIDs(got, a, b) {
		t.Errorf("case 2 lists %q, want %s and %s", got, a, b)
	}
	shown.See("1–2 of 2", "Register "+m.Suffix(), "Regione "+m.Suffix()).Miss("Next")
	table := shown.Find("main table").Text()
	if !strings.Contains(table, "Regione "+m.Suffix()) || strings.Contains(table, "Unione "+m.Suffix()) {
		t.Errorf("the table says %s", table)
	}

	one1 := v.Open(pending + "&consumerIds=" + one.id + "&offset=0&limit=2").See("1–1 of 1")
	if got := rows(one1); !sameIDs(got, b) {
		t.Errorf("case 3 lists %q, want %s", got, b)
	}
	// The same by the controls of the page.
	chosen := shown.Press("Filter", map[string]any{"consumerIds": one.id})
	if got := rows(chosen); !sameIDs(got, b) || chosen.URL.Query().Get("states") != "PENDING" || chosen.URL.Query().Get("eserviceIds") != e {
		t.Errorf("choosing a consumer leads to %s with %q", chosen.URL, got)
	}
	// Several values of a filter stay selected together.
	both := v.Open("/office/agreements?states=PENDING,ACTIVE&eserviceIds=" + e)
	if got := rows(both); !sameIDs(got, a, b, active) {
		t.Errorf("two states list %q", got)
	}
	both.See("Waiting for approval, Active")
	if got := rows(both.Press("Filter", nil)); !sameIDs(got, a, b, active) {
		t.Errorf("sending the filters as they are lists %q", got)
	}
	// What waits longest comes first, where the producer begins.
	v.Open("/office/agreements").See("To decide (")
}

func sameIDs(got []string, want ...string) bool {
	slices.Sort(got)
	slices.Sort(want)
	return slices.Equal(got, want)
}

// TestAgreementFilterRefused: a filter that the API refuses is said, and the page stays usable.
func TestAgreementFilterRefused(t *testing.T) {
	t.Parallel()
	shown := site.As(t, "producer").Get("/office/agreements?eserviceIds=none")
	if shown.Status != http.StatusBadRequest || !shown.Has("Filter") {
		t.Errorf("answered %d, with the filters: %t", shown.Status, shown.Has("Filter"))
	}
	shown.See("eserviceIds")
}

// TestAgreementSorting: a list that is on one page is sorted by links.
func TestAgreementSorting(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	e, d := publishEService(m, "Sorted")
	first, second := newOrganization(t, "Aosta "+m.Suffix()).ask(e, d), newOrganization(t, "Zara "+m.Suffix()).ask(e, d)
	v := site.As(t, "producer")
	shown := v.Open("/office/agreements?eserviceIds=" + e).Click("Consumer")
	if got := rows(shown); !slices.Equal(got, []string{first, second}) || shown.Find(`th[aria-sort="ascending"]`).Length() != 1 {
		t.Errorf("sorted by consumer: %q, want %s and %s", got, first, second)
	}
	if got := rows(shown.Click("Consumer")); !slices.Equal(got, []string{second, first}) {
		t.Errorf("sorted the other way round: %q", got)
	}
}

// TestAgreementsOfOthers: a draft is its consumer's alone, and who has no part in interop sees
// no agreements.
func TestAgreementsOfOthers(t *testing.T) {
	t.Parallel()
	m := site.Make(t)
	e, d := publishEService(m, "Private")
	draft := m.AsConsumer(http.MethodPost, "/agreements", map[string]any{"eserviceId": e, "descriptorId": d})
	producer := site.As(t, "producer")
	if shown := producer.Get("/office/agreements/" + draft); shown.Status != http.StatusForbidden && shown.Status != http.StatusNotFound {
		t.Errorf("the producer's look at a draft is answered %d", shown.Status)
	}
	if got := rows(producer.Open("/office/agreements?eserviceIds=" + e)); len(got) != 0 {
		t.Errorf("the producer's list has the draft: %q", got)
	}
	if shown := site.As(t, "municipality").Get("/office/agreements/" + draft); shown.Status != http.StatusForbidden {
		t.Errorf("somebody without a part in interop is answered %d", shown.Status)
	}
	for path, want := range map[string]int{
		"/office/agreements/" + uuid.NewString(): http.StatusNotFound, "/office/agreements/none": http.StatusBadRequest,
	} {
		if shown := producer.Get(path); shown.Status != want {
			t.Errorf("%s is answered %d, want %d", path, shown.Status, want)
		}
	}
	site.As(t, "consumer").Open("/office/agreements/" + draft).See("only you see it")
}
