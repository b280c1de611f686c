package agreement_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/hooked"
)

// listed is an agreement that the test expects in lists.
type listed struct {
	about
	state string
}

func (l listed) visibleTo(organization string) bool {
	return organization == l.consumer || organization == l.producer && l.state != "DRAFT"
}

// member returns the value that a parameter of the list filters by.
func (l listed) member(parameter string) string {
	return map[string]string{
		"states": l.state, "producerIds": l.producer, "consumerIds": l.consumer, "descriptorIds": l.descriptor,
		"eserviceIds": l.eservice,
	}[parameter]
}

var parameters = []string{"states", "producerIds", "consumerIds", "descriptorIds", "eserviceIds"}

// variedAgreements stores agreements that differ in every value that a list filters by.
// Some organizations are consumers and producers, also of the same agreement.
func (w *world) variedAgreements(random *rand.Rand) (all []listed) {
	w.Helper()
	templates, c := w.templates(), &crew{world: w}
	missing := templates["PENDING"] // its list entries are the same but for the state
	var on []about
	for i, name := range []string{"Bravo", "alpha", "ALPHA", "Alpha-2", "bravo", "gamma"} {
		caller := []*api.Identity{producer, stranger, consumer}[i%3]
		o := w.newOfferAs(caller, name, "MANUAL")
		next := w.PublishDescriptor(caller, o.exported(), interoptest.Descriptor{Policy: "MANUAL"})
		for _, d := range []string{o.descriptor, next.Descriptor} {
			on = append(on, about{eservice: o.id, name: name, descriptor: d, producer: caller.Subject})
		}
	}
	states := []string{"DRAFT", "PENDING", "ACTIVE", "SUSPENDED", "REJECTED", "ARCHIVED", "MISSING_CERTIFIED_ATTRIBUTES"}
	for i := range 160 {
		l := listed{on[random.IntN(len(on))], states[random.IntN(len(states))]}
		l.id = numberedID(fmt.Sprintf("%08x", random.Uint32()), i)
		l.consumer = []string{consumer.Subject, stranger.Subject, producer.Subject, numbered(1).Subject}[random.IntN(4)]
		all = append(all, l)
		if t, ok := templates[l.state]; ok {
			c.add(t.steps(l.about))
		} else {
			c.add(missing.as(l.state).steps(l.about))
		}
	}
	c.flush()
	slices.SortFunc(all, func(a, b listed) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.name), strings.ToLower(b.name)), strings.Compare(a.id, b.id))
	})
	return all
}

// filter has the values of each parameter of a list.
type filter map[string][]string

func (f filter) matches(l listed) bool {
	for parameter, members := range f {
		if len(members) > 0 && !slices.Contains(members, l.member(parameter)) {
			return false
		}
	}
	return true
}

// query encodes a filter with commas, or with one parameter for each value.
func (f filter) query(repeated bool) string {
	var parts []string
	for _, parameter := range parameters {
		members, isSet := f[parameter]
		switch {
		case isSet && repeated && len(members) > 0:
			for _, m := range members {
				parts = append(parts, parameter+"="+m)
			}
		case isSet:
			parts = append(parts, parameter+"="+strings.Join(members, ","))
		}
	}
	return strings.Join(parts, "&")
}

// checkPage compares a page of a list with the agreements that the test expects.
func (w *world) checkPage(all []listed, as *api.Identity, f filter, repeated bool, offset, limit int) {
	w.Helper()
	var want []string
	for _, l := range all {
		if l.visibleTo(as.Subject) && f.matches(l) {
			want = append(want, l.id+" "+l.state)
		}
	}
	total := len(want)
	want = want[min(offset, total):min(offset+limit, total)]
	query := fmt.Sprintf("/agreements?%s&offset=%d&limit=%d", f.query(repeated), offset, limit)
	res := w.OK(as, "GET", query, "")
	var got []string
	for _, r := range interoptest.Results(res) {
		got = append(got, fmt.Sprint(r["id"], " ", r["state"]))
	}
	pagination := fmt.Sprint(object{"offset": float64(offset), "limit": float64(limit), "totalCount": float64(total)})
	if !slices.Equal(got, want) || fmt.Sprint(res.Body["pagination"]) != pagination {
		w.Errorf("%s as %s lists\n%q %v, want\n%q %s", query, as.Subject, got, res.Body["pagination"], want, pagination)
	}
}

// valuesOf returns the values of the agreements by parameter.
func valuesOf(all []listed) map[string][]string {
	values := map[string][]string{}
	for _, l := range all {
		for _, parameter := range parameters {
			if m := l.member(parameter); !slices.Contains(values[parameter], m) {
				values[parameter] = append(values[parameter], m)
			}
		}
	}
	return values
}

// randomFilter returns a filter of some of the values, at times with an unknown id.
func randomFilter(random *rand.Rand, values map[string][]string) filter {
	f := filter{}
	for _, parameter := range parameters {
		for range random.IntN(4) * random.IntN(2) {
			f[parameter] = append(f[parameter], values[parameter][random.IntN(len(values[parameter]))])
		}
		if len(f[parameter]) > 0 && parameter != "states" && random.IntN(4) == 0 {
			f[parameter] = append(f[parameter], numberedID("b0000000", 1))
		}
	}
	return f
}

// TestFilters lists agreements by every single value, and by random combinations.
func TestFilters(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		random := rand.New(rand.NewPCG(1, 2))
		all := w.variedAgreements(random)
		pools := valuesOf(all)
		callers := []*api.Identity{consumer, producer, stranger, numbered(1), numbered(2)}
		for _, as := range callers {
			w.checkPage(all, as, nil, false, 0, 50)
			for _, parameter := range parameters {
				w.checkPage(all, as, filter{parameter: nil}, false, 0, 50)
				for _, m := range pools[parameter][:max(1, w.fewer(len(pools[parameter])))] {
					w.checkPage(all, as, filter{parameter: {m}}, false, 0, 50)
				}
			}
		}
		for range w.fewer(250) {
			f := randomFilter(random, pools)
			w.checkPage(all, callers[random.IntN(len(callers))], f, random.IntN(2) == 0, random.IntN(2)*random.IntN(20), 1+random.IntN(50))
		}
		// With so many values, the list does not read one range for each.
		many := filter{"consumerIds": {consumer.Subject, stranger.Subject}}
		for i := range 48 {
			many["consumerIds"] = append(many["consumerIds"], numberedID("c0000000", i))
		}
		w.checkPage(all, producer, many, false, 0, 50)
		many["eserviceIds"] = pools["eserviceIds"]
		w.checkPage(all, producer, many, true, 3, 9)
	})
}

// TestListQueries sends malformed queries, and queries at the limits.
func TestListQueries(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		w.createDraft(w.newOffer("AUTOMATIC"))
		total := func(query string) any {
			w.Helper()
			pagination, _ := w.OK(consumer, "GET", "/agreements?"+query, "").Body["pagination"].(object)
			return pagination["totalCount"]
		}
		for _, parameter := range parameters {
			member := map[bool]string{true: "DRAFT", false: consumer.Subject}[parameter == "states"]
			some := func(n int) string { return strings.Join(slices.Repeat([]string{member}, n), ",") }
			w.Want(w.As(consumer, "GET", "/agreements?"+parameter+"="+some(50), ""), http.StatusOK)
			separate := strings.Repeat("&"+parameter+"="+member, 51)[1:]
			for _, query := range []string{"x", some(51), some(2) + ",x", ",", some(1) + ",", "draft", "NONE", some(1) + "&" + parameter + "=x"} {
				w.Refused(w.As(consumer, "GET", "/agreements?"+parameter+"="+query, ""), interop.BadRequest)
			}
			w.Refused(w.As(consumer, "GET", "/agreements?"+separate, ""), interop.BadRequest)
			interoptest.Equal(w.TB, "an empty "+parameter, total(parameter+"="), any(1.0))
		}
		interoptest.Equal(w.TB, "repeated values", total("states=DRAFT,DRAFT&consumerIds="+consumer.Subject+"&consumerIds="+consumer.Subject),
			any(1.0))
		interoptest.Equal(w.TB, "an unknown parameter", total("unknown=1"), any(1.0))
		interoptest.Equal(w.TB, "past the end", total("offset=2147483647&limit=50"), any(1.0))
		id := w.only("DRAFT")
		for _, path := range []string{"/agreements", "/agreements/" + id + "/history"} {
			for _, query := range []string{
				"offset=-1", "offset=x", "offset=", "offset=1.5", "offset=+1", "offset=1&offset=1", "limit=0",
				"limit=51", "limit=-1", "limit=", "limit=1,2",
			} {
				w.Refused(w.As(consumer, "GET", path+"?"+query, ""), interop.BadRequest)
			}
		}
	})
}

// TestOrderFollowsNames renames an e-service and checks the new position of its agreements
// in the list.
func TestOrderFollowsNames(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		var offers []offer
		for _, name := range []string{"Delta", "alpha", "CHARLIE", "bravo"} {
			offers = append(offers, w.newOfferAs(producer, name, "AUTOMATIC"))
			w.createDraft(offers[len(offers)-1])
		}
		order := func(what string, which ...int) {
			w.Helper()
			w.checkSettled()
			var got, want []string
			for _, r := range interoptest.Results(w.OK(consumer, "GET", "/agreements", "")) {
				got = append(got, fmt.Sprint(r["eserviceId"]))
			}
			for _, i := range which {
				want = append(want, offers[i].id)
			}
			if !slices.Equal(got, want) {
				w.Errorf("%s: the list is %v, want %v", what, got, want)
			}
		}
		order("at first", 1, 3, 2, 0)
		w.OK(producer, "PATCH", "/eservices/"+offers[0].id+"/name", `{"name":"BETAS"}`)
		order("renamed", 1, 0, 3, 2)
		w.mustAct(consumer, w.agreementOn(offers[0]), "submit")
		w.OK(producer, "PATCH", "/eservices/"+offers[1].id+"/name", `{"name":"Zulus"}`)
		order("renamed again", 0, 3, 2, 1)
	})
}

// agreementOn returns the id of the agreement of the consumer on an e-service.
func (w *world) agreementOn(o offer) string {
	w.Helper()
	id, _ := interoptest.Results(w.OK(consumer, "GET", "/agreements?eserviceIds="+o.id, ""))[0]["id"].(string)
	return id
}

// TestPageWhileDeleted deletes agreements after the read of the list and before the read of
// the page. The page does not have them.
func TestPageWhileDeleted(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		var ids []string
		for range 5 {
			ids = append(ids, w.createDraft(w.newOffer("AUTOMATIC")))
		}
		w.Tap.During(0, func(c *hooked.Call) bool { return c.Query == nil && !c.Writes() }, func() {
			w.OK(consumer, "DELETE", "/agreements/"+ids[0], "")
			w.OK(consumer, "DELETE", "/agreements/"+ids[3], "")
		})
		res := w.OK(consumer, "GET", "/agreements", "")
		w.Tap.Set(nil)
		var got []string
		for _, r := range interoptest.Results(res) {
			got = append(got, fmt.Sprint(r["id"]))
		}
		left := []string{ids[1], ids[2], ids[4]}
		slices.Sort(got)
		if slices.Sort(left); !slices.Equal(got, left) {
			w.Errorf("the list is %v, want %v", got, left)
		}
		interoptest.Equal(w.TB, "all", len(interoptest.Results(w.OK(consumer, "GET", "/agreements", ""))), 3)
	})
}
