package purpose_test

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/hooked"
)

// listed is a purpose as the test knows it.
type listed struct {
	id, title, producer, consumer, eservice, shows string
	states                                         []string // of all its versions
}

func (l listed) visibleTo(organization string) bool {
	return organization == l.consumer || organization == l.producer && l.shows != "DRAFT 2"
}

// is reports whether lists find a purpose by a state.
func (l listed) is(state string) bool {
	if state == "ARCHIVED" {
		return !slices.ContainsFunc(l.states, func(s string) bool { return s != "ARCHIVED" })
	}
	return slices.Contains(l.states, state)
}

// life is what happens to a purpose above the thresholds, and what becomes of it:
// how it shows, and the states of its versions.
type life struct {
	actions       []string
	shows, states string
}

var lives = []life{
	{nil, "DRAFT 2", "DRAFT"},
	{[]string{"activate"}, "WAITING_FOR_APPROVAL 2", "WAITING_FOR_APPROVAL"},
	{[]string{"activate", "approve"}, "ACTIVE 2", "ACTIVE"},
	{[]string{"activate", "approve", "3"}, "ACTIVE 2, WAITING_FOR_APPROVAL 3", "ACTIVE WAITING_FOR_APPROVAL"},
	{[]string{"activate", "approve", "suspend"}, "SUSPENDED 2 by ", "SUSPENDED"},
	{[]string{"activate", "approve", "suspend", "3"}, "SUSPENDED 2 by , WAITING_FOR_APPROVAL 3", "SUSPENDED WAITING_FOR_APPROVAL"},
	{[]string{"activate", "reject"}, "REJECTED 2", "REJECTED"},
	{[]string{"activate", "reject", "3"}, "WAITING_FOR_APPROVAL 3", "REJECTED WAITING_FOR_APPROVAL"},
	{[]string{"activate", "reject", "3", "approve"}, "ACTIVE 3", "REJECTED ACTIVE"},
	{[]string{"activate", "approve", "3", "reject"}, "ACTIVE 2, REJECTED 3", "ACTIVE REJECTED"},
	{[]string{"activate", "approve", "3", "approve"}, "ACTIVE 3", "ARCHIVED ACTIVE"},
	{[]string{"activate", "approve", "3", "approve", "archive"}, "ARCHIVED 3", "ARCHIVED ARCHIVED"},
	{[]string{"activate", "approve", "archive"}, "ARCHIVED 2", "ARCHIVED"},
	{[]string{"activate", "approve", "3", "reject", "archive"}, "ARCHIVED 2, REJECTED 3", "ARCHIVED REJECTED"},
}

// live takes a purpose through a life.
func (w *world) live(caller, by *api.Identity, path string, of life) {
	w.Helper()
	for _, action := range of.actions {
		switch action {
		case "3":
			w.OK(caller, "POST", path+"/versions", `{"dailyCalls":3}`)
		case "approve", "reject":
			w.act(by, path, action)
		default:
			w.act(caller, path, action)
		}
	}
}

var allStates = []string{"DRAFT", "WAITING_FOR_APPROVAL", "ACTIVE", "SUSPENDED", "REJECTED", "ARCHIVED"}

// variety is many purposes that differ in everything one may ask for; some
// organizations are consumers and producers, of their own e-services, too.
func (w *world) variety(random *rand.Rand) (all []listed) {
	w.Helper()
	titles := []string{"Anagrafe", "ANAGRAFE", "anagrafe 100%", "Anagrafe 100_", "Scuola a b", "scuola A.B", "Città È", "città è 2"}
	parties := []*api.Identity{consumer, other, producer, stranger}
	used := map[string]bool{}
	for i, by := range []*api.Identity{producer, stranger, producer, consumer} {
		o := w.publishAs(by, 1, 1)
		for j, caller := range parties {
			w.SubmitAgreement(caller, o)
			for k, of := range lives {
				if (i+j+k)%2 == 0 {
					continue
				}
				l := listed{producer: by.Subject, consumer: caller.Subject, eservice: o.ID, shows: of.shows, states: strings.Fields(of.states)}
				for l.title = titles[random.IntN(len(titles))]; used[o.ID+caller.Subject+strings.ToLower(l.title)]; {
					l.title += fmt.Sprint(" ", random.IntN(10))
				}
				if !strings.HasPrefix(of.shows, "ARCHIVED") {
					used[o.ID+caller.Subject+strings.ToLower(l.title)] = true
				}
				held := map[bool]string{true: "Producer", false: "Consumer"}[by == caller]
				l.shows = strings.Replace(l.shows, "by ", "by "+held, 1)
				named := interoptest.PurposeSeed(o, 2)
				named["title"] = l.title
				path := "/purposes/" + w.OK(caller, "POST", "/purposes", interoptest.JSON(named)).Text("id")
				l.id = path[len("/purposes/"):]
				w.live(caller, by, path, of)
				all = append(all, l)
			}
		}
	}
	slices.SortFunc(all, func(a, b listed) int {
		return cmp.Or(strings.Compare(strings.ToLower(a.title), strings.ToLower(b.title)), strings.Compare(a.id, b.id))
	})
	return all
}

// filter is the query of a list.
type filter struct {
	states, consumers, eservices []string
	title                        string
}

func (f filter) matches(l listed) bool {
	return (len(f.states) == 0 || slices.ContainsFunc(f.states, l.is)) &&
		(len(f.consumers) == 0 || slices.Contains(f.consumers, l.consumer)) &&
		(len(f.eservices) == 0 || slices.Contains(f.eservices, l.eservice)) &&
		(f.title == "" || strings.TrimSpace(f.title) != "" && strings.Contains(strings.ToLower(l.title), strings.ToLower(f.title)))
}

// query writes a filter with commas, or with each member on its own.
func (f filter) query(repeated bool) string {
	q := url.Values{}
	for parameter, members := range map[string][]string{"states": f.states, "consumerIds": f.consumers, "eserviceIds": f.eservices} {
		if repeated {
			q[parameter] = members
		} else if members != nil {
			q.Set(parameter, strings.Join(members, ","))
		}
	}
	if f.title != "" {
		q.Set("title", f.title)
	}
	return q.Encode()
}

// checkList compares a page of a list with what the test knows.
func (w *world) checkList(all []listed, as *api.Identity, f filter, repeated bool, offset, limit int) {
	w.Helper()
	var found []string
	for _, l := range all {
		if l.visibleTo(as.Subject) && f.matches(l) {
			found = append(found, l.id+" "+l.title+" "+l.shows)
		}
	}
	total := len(found)
	found = found[min(offset, total):min(offset+limit, total)]
	query := fmt.Sprintf("/purposes?%s&offset=%d&limit=%d", f.query(repeated), offset, limit)
	res := w.OK(as, "GET", query, "")
	var got []string
	for _, p := range interoptest.Results(res) {
		got = append(got, fmt.Sprint(p["id"], " ", p["title"], " ", describe(p)))
	}
	if diff := gocmp.Diff(found, got, cmpopts.EquateEmpty()); diff != "" || interoptest.Total(res) != total {
		w.Errorf("%s as %s lists %d, want %d (-want +got):\n%s", query, as.Subject, interoptest.Total(res), total, diff)
	}
}

// someTitles are filters by title.
var someTitles = []string{"ANA", "anagrafe", "%", "_", "100%", "a.b", "a b", "CITTÀ È", "c", "nothing like it", " ", "*", `\`}

// singleFilters returns the filters of one value.
func singleFilters(consumers, eservices []string) []filter {
	var all []filter
	for _, state := range allStates {
		all = append(all, filter{states: []string{state}})
	}
	for _, id := range consumers {
		all = append(all, filter{consumers: []string{id}})
	}
	for _, id := range eservices {
		all = append(all, filter{eservices: []string{id}})
	}
	for _, title := range someTitles {
		all = append(all, filter{title: title})
	}
	return all
}

// checkManyFilters checks filters of so many values that the ranges are not read one by one.
func (w *world) checkManyFilters(all []listed, eservices []string) {
	w.Helper()
	many := filter{eservices: eservices[:2], states: []string{"ACTIVE", "REJECTED"}, consumers: []string{other.Subject, consumer.Subject}}
	for i := range 48 {
		many.eservices = append(many.eservices, organization(100+i).Subject)
	}
	w.checkList(all, producer, many, false, 0, 50)
	w.checkList(all, consumer, many, true, 3, 9)
	for i := range 48 {
		many.consumers = append(many.consumers, organization(100+i).Subject)
	}
	w.checkList(all, producer, many, false, 0, 50)
}

// TestFilters filters by every parameter alone, and by random ones together.
func TestFilters(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		random := rand.New(rand.NewPCG(3, 4))
		all := w.variety(random)
		w.checkConsistent()
		var eservices []string
		for _, l := range all {
			eservices = append(eservices, l.eservice)
		}
		eservices = slices.Compact(slices.Sorted(slices.Values(eservices)))
		callers := []*api.Identity{consumer, other, producer, stranger, certifier}
		consumers := []string{consumer.Subject, other.Subject, producer.Subject, stranger.Subject}
		for _, as := range callers {
			w.checkList(all, as, filter{}, false, 0, 50)
			w.checkList(all, as, filter{states: []string{}, consumers: []string{}, eservices: []string{}}, false, 50, 50)
			for _, f := range singleFilters(consumers, eservices) {
				w.checkList(all, as, f, false, 0, 50)
			}
		}
		some := func(pool []string) (members []string) {
			for range random.IntN(4) * random.IntN(2) {
				members = append(members, pool[random.IntN(len(pool))])
			}
			return members
		}
		for range 100 {
			f := filter{
				states: some(allStates), consumers: some(append(consumers, organization(1).Subject)),
				eservices: some(append(eservices, organization(1).Subject)),
			}
			if random.IntN(3) == 0 {
				f.title = someTitles[random.IntN(len(someTitles))]
			}
			w.checkList(all, callers[random.IntN(len(callers))], f, random.IntN(2) == 0, random.IntN(2)*random.IntN(20), 1+random.IntN(15))
		}
		w.checkManyFilters(all, eservices)
		for _, as := range []*api.Identity{consumer, stranger} {
			var visible []string
			for _, l := range all {
				if l.visibleTo(as.Subject) {
					visible = append(visible, l.id)
				}
			}
			w.Pages(as, "/purposes", "id", visible)
		}
	})
}

// TestListQueries sends queries that are not valid, and the greatest that are.
func TestListQueries(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		o := w.publishToBoth(25, 50)
		w.DraftPurpose(consumer, o, 1)
		for parameter, member := range map[string]string{"states": "DRAFT", "consumerIds": consumer.Subject, "eserviceIds": o.ID} {
			some := func(n int) string { return strings.Join(slices.Repeat([]string{member}, n), ",") }
			for query, n := range map[string]int{parameter + "=" + some(50): 1, parameter + "=": 1, parameter + "=" + member + "&" + parameter +
				"=" + member: 1} {
				interoptest.Equal(w.TB, query, interoptest.Total(w.OK(consumer, "GET", "/purposes?"+query, "")), n)
			}
			for _, query := range []string{"x", some(51), some(2) + ",x", ",", some(1) + ",", "draft", "NONE", some(1) + "&" + parameter + "=x"} {
				w.Refused(w.As(consumer, "GET", "/purposes?"+parameter+"="+query, ""), interop.BadRequest)
			}
		}
		for query, n := range map[string]int{
			"title=": 1, "title=PURPOSE": 1, "title=purposes": 0, "unknown=1": 1,
			"offset=2147483647&limit=50": 1,
		} {
			interoptest.Equal(w.TB, query, interoptest.Total(w.OK(consumer, "GET", "/purposes?"+query, "")), n)
		}
		w.BadPages(consumer, "/purposes")
	})
}

// TestListWhileDeleted deletes purposes after the list was read and before its page
// is: they are left out.
func TestListWhileDeleted(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o := w.publishToBoth(25, 50)
		var paths, left []string
		for range 4 {
			paths = append(paths, w.DraftPurpose(consumer, o, 1))
		}
		w.Tap.During(0, func(c *hooked.Call) bool { return c.Query == nil && !c.Writes() }, func() {
			w.OK(consumer, "DELETE", paths[0], "")
			w.OK(consumer, "DELETE", paths[2], "")
		})
		res := w.OK(consumer, "GET", "/purposes", "")
		w.Tap.Set(nil)
		for _, id := range interoptest.Members(res, "id") {
			left = append(left, "/purposes/"+id)
		}
		if diff := gocmp.Diff([]string{paths[1], paths[3]}, left); diff != "" {
			w.Errorf("listed are (-want +got):\n%s", diff)
		}
	})
}

// TestPurposesOfAgreement lists what the consumer uses the e-service for.
func TestPurposesOfAgreement(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		o := w.publish(1, 1)
		beside := w.publishToBoth(25, 50)
		at := w.SubmitAgreement(consumer, o)
		w.SubmitAgreement(other, o)
		var mine, public []string
		for i, of := range lives[:w.fewer(len(lives), 4)] {
			named := interoptest.PurposeSeed(o, 2)
			named["title"] = fmt.Sprintf("%s %02d", map[bool]string{true: "Title", false: "TITLE"}[i%2 == 0], 20-i)
			path := "/purposes/" + w.OK(consumer, "POST", "/purposes", interoptest.JSON(named)).Text("id")
			w.live(consumer, producer, path, of)
			mine = slices.Insert(mine, 0, path[len("/purposes/"):])
			if i > 0 {
				public = slices.Insert(public, 0, mine[0])
			}
		}
		w.activePurpose(other, o, 1)
		w.activePurpose(consumer, beside, 1)
		w.Pages(consumer, at+"/purposes", "id", mine)
		w.Pages(producer, at+"/purposes", "id", public)
		w.BadPages(consumer, at+"/purposes")
		w.Refused(w.As(stranger, "GET", at+"/purposes", ""), interop.AgreementNotAllowed)
		w.Refused(w.As(other, "GET", at+"/purposes", ""), interop.AgreementNotAllowed)
		w.Refused(w.As(consumer, "GET", "/agreements/"+o.ID+"/purposes", ""), interop.AgreementNotFound, o.ID)
		w.revise(o, 1, 1)
		next := "/agreements/" + w.OK(consumer, "POST", at+"/upgrade", "").Text("id")
		for _, path := range []string{at, next} { // they are the relation's
			w.Pages(producer, path+"/purposes", "id", public)
		}
	})
}

// fewer is how many of n a test tries; on DynamoDB Local, which takes much longer, so few.
func (w *world) fewer(n, few int) int {
	if strings.Contains(w.Name(), "/dynamodb") {
		return few
	}
	return n
}
