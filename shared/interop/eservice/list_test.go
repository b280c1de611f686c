package eservice_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
)

// lists checks that a list has those e-services, and no others.
func (w *world) lists(as *api.Identity, query string, want ...string) {
	w.Helper()
	res := w.OK(as, "GET", "/eservices"+query, "")
	got := interoptest.Members(res, "name")
	if total := interoptest.Total(res); !slices.Equal(got, want) || total != len(want) {
		w.Errorf("%q lists %q of %d, want %q", query, got, total, want)
	}
}

// one is an e-service in a list.
type one struct {
	name, owner, technology, mode string
	flags                         [3]string // absent when empty
	public                        bool
}

var flagNames = [3]string{"isSignalHubEnabled", "isConsumerDelegable", "isClientAccessDelegable"}

// several are e-services that differ in everything that queries select.
func several() []one {
	var all []one
	allFlags := [][3]string{{"", "", ""}, {"true", "true", "false"}, {"false", "true", "true"}, {"true", "false", ""}}
	for n := range 2 * 2 * 2 * len(allFlags) {
		i, j, k, l := n/16, n/8%2, n/4%2, n%4
		all = append(all, one{
			name:       fmt.Sprintf("%c%c%s %d%d", 'Z'-l, 'a'+i, []string{"alpha", "ALPHA", "beta."}[(j+k+l)%3], j, k),
			owner:      []string{"producer", "other"}[k],
			technology: []string{"REST", "SOAP"}[i],
			mode:       []string{"DELIVER", "RECEIVE"}[j],
			flags:      allFlags[l],
			public:     (i+j+k+l)%3 > 0,
		})
	}
	return all
}

func (o one) by() *api.Identity {
	if o.owner == "producer" {
		return producer
	}
	return other
}

// made makes e-services.
func (w *world) made(all []one) {
	w.Helper()
	for _, o := range all {
		changes := object{"name": o.name, "technology": o.technology, "mode": o.mode}
		for i, flag := range o.flags {
			if flag != "" {
				changes[flagNames[i]] = flag == "true"
			}
		}
		if o.public {
			changes["mode"] = "DELIVER" // the other mode cannot be published now
		}
		path, descriptor := w.createAs(o.by(), changes)
		if o.public {
			w.Want(w.As(o.by(), "POST", descriptor+"/publish", ""), http.StatusOK)
		}
		if o.mode == "RECEIVE" && o.public {
			w.receive(path)
		}
	}
}

// filters are queries, and what they select.
var filters = map[string]func(one) bool{
	"":                                func(one) bool { return true },
	"technology=REST":                 func(o one) bool { return o.technology == "REST" },
	"technology=SOAP":                 func(o one) bool { return o.technology == "SOAP" },
	"mode=DELIVER":                    func(o one) bool { return o.mode == "DELIVER" },
	"mode=RECEIVE":                    func(o one) bool { return o.mode == "RECEIVE" },
	"name=lph":                        func(o one) bool { return strings.Contains(strings.ToLower(o.name), "lph") },
	"name=ALPHA+0":                    func(o one) bool { return strings.Contains(strings.ToLower(o.name), "alpha 0") },
	"name=.":                          func(o one) bool { return strings.Contains(o.name, ".") },
	"name=%25":                        func(one) bool { return false },
	"technology=&name=&mode=":         func(one) bool { return true },
	"producerIds=&templateIds":        func(one) bool { return true },
	"templateIds=" + reader.Subject:   func(one) bool { return false },
	"producerIds=" + producer.Subject: func(o one) bool { return o.owner == "producer" },
	"producerIds=" + other.Subject:    func(o one) bool { return o.owner == "other" },
	"producerIds=" + reader.Subject:   func(one) bool { return false },
	"producerIds=" + other.Subject + "," + producer.Subject:                        func(one) bool { return true },
	"producerIds=" + other.Subject + "&producerIds=" + producer.Subject:            func(one) bool { return true },
	"producerIds=" + other.Subject + "," + other.Subject + "," + reader.Subject:    func(o one) bool { return o.owner == "other" },
	"producerIds=" + other.Subject + "&producerIds=&producerIds=" + reader.Subject: func(o one) bool { return o.owner == "other" },
	"isSignalHubEnabled=true":       func(o one) bool { return o.flags[0] == "true" },
	"isSignalHubEnabled=false":      func(o one) bool { return o.flags[0] != "true" },
	"isConsumerDelegable=true":      func(o one) bool { return o.flags[1] == "true" },
	"isConsumerDelegable=false":     func(o one) bool { return o.flags[1] != "true" },
	"isClientAccessDelegable=true":  func(o one) bool { return o.flags[2] == "true" },
	"isClientAccessDelegable=false": func(o one) bool { return o.flags[2] != "true" },
}

// TestFilters sends all queries, alone and in pairs, as every caller.
func TestFilters(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		all := several()
		w.made(all)
		slices.SortFunc(all, func(a, b one) int { return strings.Compare(strings.ToLower(a.name), strings.ToLower(b.name)) })
		for first, a := range filters {
			for second, b := range filters {
				if !isPair(first, second) {
					continue
				}
				query := "?" + first + "&" + second
				if first == second {
					query = "?" + first
				}
				for owner, caller := range map[string]*api.Identity{"producer": producer, "other": other, "": reader} {
					visible := func(o one) bool { return o.public || o.owner == owner }
					w.lists(caller, query, names(all, func(o one) bool { return a(o) && b(o) && visible(o) })...)
				}
			}
		}
		w.lists(reader, "?technology=&name=&mode=", names(all, func(o one) bool { return o.public })...)
		w.lists(reader, "?producerIds=&templateIds", names(all, func(o one) bool { return o.public })...)
	})
}

// isPair tells whether two queries can be one: they have other parameters, or are the same.
func isPair(first, second string) bool {
	name, _, _ := strings.Cut(first, "=")
	again, _, _ := strings.Cut(second, "=")
	isWhole := strings.HasPrefix(first, "technology=&") || strings.HasPrefix(first, "producerIds=&")
	return second >= first && (name != again || first == second) && !isWhole
}

// names are the names of e-services that match.
func names(all []one, match func(one) bool) (found []string) {
	for _, o := range all {
		if match(o) {
			found = append(found, o.name)
		}
	}
	return found
}

// TestPages reads a list by pages of several lengths.
func TestPages(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		all := several()
		w.made(all)
		for i := range 40 {
			w.create(object{"name": fmt.Sprintf("More %02d", i)})
		}
		var whole []string
		for offset := 0; offset < 100; offset += 50 {
			whole = append(whole, interoptest.Members(w.call("GET", fmt.Sprint("/eservices?offset=", offset), ""), "name")...)
		}
		inOrder := func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) }
		if len(whole) < 51 || !slices.IsSortedFunc(whole, inOrder) {
			w.Fatalf("all e-services are %q", whole)
		}
		w.Pages(producer, "/eservices", "name", whole)
		res := w.Want(w.call("GET", "/eservices?offset=2147483647&limit=3", ""), http.StatusOK)
		want := object{"offset": 2147483647.0, "limit": 3.0, "totalCount": float64(len(whole))}
		interoptest.Equal(w.TB, "the page past the end", res.Body, object{"results": []any{}, "pagination": want})
		interoptest.Equal(w.TB, "entries of the default page", len(interoptest.Results(w.call("GET", "/eservices", ""))), 50)
	})
}

// TestBadQueries sends malformed queries.
func TestBadQueries(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path, _ := w.public(nil)
		for _, query := range []string{
			"technology=rest", "technology=REST,SOAP", "technology=REST&technology=SOAP", "mode=BOTH", "mode=DELIVER,RECEIVE",
			"isSignalHubEnabled=1", "isConsumerDelegable=TRUE", "isClientAccessDelegable=null", "isSignalHubEnabled=true,false",
			"producerIds=x", "templateIds=x", "producerIds=" + producer.Subject + ",x",
			"producerIds=" + producer.Subject + "&producerIds=x", "producerIds=,",
		} {
			w.Refused(w.call("GET", "/eservices?"+query, ""), interop.BadRequest)
		}
		for _, query := range []string{"state=draft", "state=DRAFT,PUBLISHED", "state=DRAFT&state=PUBLISHED", "state=ANY"} {
			w.Refused(w.call("GET", path+"/descriptors?"+query, ""), interop.BadRequest)
		}
		w.BadPages(producer, "/eservices")
		w.BadPages(producer, path+"/descriptors")
		w.lists(producer, "?unknown=1", w.Want(w.call("GET", path, ""), 200).Text("name"))
	})
}

// TestOrderOfNames makes names that begin with other names, in upper and lower case and
// of two producers.
func TestOrderOfNames(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		names := []string{
			"Alpha", "ALPHA!", "alpha #2", "Alpha$", "alpha beta", "Alpha-1", "alphA1", "Alphabet", "\u00c0lpha",
			"àlphabet", "Zzzzz",
		}
		for _, name := range names {
			_, descriptor := w.createAs(other, object{"name": name})
			w.Want(w.As(other, "POST", descriptor+"/publish", ""), http.StatusOK)
		}
		slices.SortFunc(names, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
		w.lists(reader, "", names...)
		for _, name := range names {
			w.lists(reader, "?name="+url.QueryEscape(strings.ToUpper(name))+"&limit=50", matching(names, name)...)
		}
		var ids []string
		for _, as := range []*api.Identity{producer, other} {
			for i := range 5 {
				path, descriptor := w.createAs(as, object{"name": []string{"Twins", "TWINS"}[i%2] + strings.Repeat("!", i)})
				w.Want(w.As(as, "POST", descriptor+"/publish", ""), http.StatusOK)
				ids = append(ids, idOf(path))
			}
		}
		var got []string
		for _, e := range interoptest.Results(w.call("GET", "/eservices?name=twins", "")) {
			got = append(got, fmt.Sprint(e["id"]))
		}
		for i := range 5 { // those of one name are in the order of their ids
			pair := []string{ids[i], ids[5+i]}
			slices.Sort(pair)
			if !slices.Equal(got[2*i:2*i+2], pair) {
				w.Errorf("of the same name are %v, want %v", got[2*i:2*i+2], pair)
			}
		}
	})
}

func matching(names []string, part string) (found []string) {
	for _, name := range names {
		if strings.Contains(strings.ToLower(name), strings.ToLower(part)) {
			found = append(found, name)
		}
	}
	return found
}

// TestListsFollow changes the data of list entries, of drafts and of published e-services.
func TestListsFollow(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path, descriptor := w.create(object{"name": "First"})
		w.lists(producer, "?technology=REST&mode=DELIVER", "First")
		w.lists(other, "")
		w.Want(w.call("PATCH", path, `{"technology":"SOAP","mode":"RECEIVE","name":"Second"}`), http.StatusOK)
		w.lists(producer, "?technology=REST")
		w.lists(producer, "?technology=SOAP&mode=RECEIVE", "Second")
		w.audit(path)
		w.Want(w.call("PATCH", path, `{"mode":"DELIVER"}`), http.StatusOK)
		w.move(descriptor, "publish")
		w.receive(path)
		w.audit(path)
		for _, as := range []*api.Identity{producer, other, reader} {
			w.lists(as, "", "Second")
			w.lists(as, "?technology=SOAP", "Second")
			w.lists(as, "?mode=DELIVER")
			w.lists(as, "?producerIds="+producer.Subject, "Second")
		}
		w.Want(w.call("PATCH", path+"/name", `{"name":"Third"}`), http.StatusOK)
		w.Want(w.call("PATCH", path+"/signalHub", `{"isSignalHubEnabled":true}`), http.StatusOK)
		w.lists(reader, "?isSignalHubEnabled=true", "Third")
		w.move(descriptor, "suspend")
		w.lists(reader, "", "Third")
		gone, _ := w.create(object{"name": "Fourth"})
		w.Want(w.call("DELETE", gone, ""), http.StatusOK)
		w.lists(producer, "", "Third")
		w.audit(path, gone)
	})
}

// TestLatestDescriptor: lists and answers have the newest descriptor that is not a draft.
func TestLatestDescriptor(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path, first := w.create(nil)
		want := func(when string, latest any) {
			w.Helper()
			listed := interoptest.Results(w.OK(producer, "GET", "/eservices?producerIds="+producer.Subject, ""))
			i := slices.IndexFunc(listed, func(e object) bool { return e["id"] == idOf(path) })
			for _, e := range []object{listed[i], w.OK(producer, "GET", path, "").Body} {
				if diff := cmp.Diff(latest, e["latestDescriptor"]); diff != "" {
					w.Errorf("%s (-want +got):\n%s", when, diff)
				}
			}
		}
		is := func(descriptor, version, state string) object {
			return object{"id": strings.Split(descriptor, "/")[4], "version": version, "state": state}
		}
		want("a draft", nil)
		w.move(first, "publish")
		want("published", is(first, "1", "PUBLISHED"))
		second := w.draft(path)
		want("with a draft", is(first, "1", "PUBLISHED"))
		w.move(first, "suspend")
		want("suspended", is(first, "1", "SUSPENDED"))
		w.move(second, "publish")
		want("with a newer one", is(second, "2", "PUBLISHED"))
	})
}
