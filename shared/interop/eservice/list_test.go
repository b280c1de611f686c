package eservice_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
)

// listing are the names that a list answers, and its totalCount.
func (w *world) listing(as *api.Identity, query string) (names []string, total int) {
	w.Helper()
	res := w.Want(w.As(as, "GET", "/eservices"+query, ""), http.StatusOK)
	for _, e := range interoptest.Results(res) {
		names = append(names, fmt.Sprint(e["name"]))
	}
	page, _ := res.Body["pagination"].(object)
	n, _ := page["totalCount"].(float64)
	return names, int(n)
}

// lists fails unless the caller is listed those e-services and no others.
func (w *world) lists(as *api.Identity, query string, want ...string) {
	w.Helper()
	if got, total := w.listing(as, query); !slices.Equal(got, want) || total != len(want) {
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

// several are e-services that differ in everything one may ask for.
func several() (all []one) {
	for i, technology := range []string{"REST", "SOAP"} {
		for j, mode := range []string{"DELIVER", "RECEIVE"} {
			for k, owner := range []string{"producer", "other"} {
				for l, flags := range [][3]string{{"", "", ""}, {"true", "true", "false"}, {"false", "true", "true"}, {"true", "false", ""}} {
					all = append(all, one{fmt.Sprintf("%c%c%s %d%d", 'Z'-l, 'a'+i, []string{"alpha", "ALPHA", "beta."}[(j+k+l)%3], j, k), owner, technology, mode, flags, (i+j+k+l)%3 > 0})
				}
			}
		}
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

// filters are queries, and what is asked for.
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

// TestFilters asks for everything alone and in pairs, as everybody.
func TestFilters(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		all := several()
		w.made(all)
		slices.SortFunc(all, func(a, b one) int { return strings.Compare(strings.ToLower(a.name), strings.ToLower(b.name)) })
		for first, a := range filters {
			for second, b := range filters {
				name, _, _ := strings.Cut(first, "=")
				again, _, _ := strings.Cut(second, "=")
				if second < first || name == again && first != second || strings.HasPrefix(first, "technology=&") || strings.HasPrefix(first, "producerIds=&") {
					continue
				}
				query := "?" + first + "&" + second
				if first == second {
					query = "?" + first
				}
				for as, identity := range map[string]*api.Identity{"producer": producer, "other": other, "": reader} {
					var want []string
					for _, o := range all {
						if a(o) && b(o) && (o.public || o.owner == as) {
							want = append(want, o.name)
						}
					}
					w.lists(identity, query, want...)
				}
			}
		}
		w.lists(reader, "?"+"technology=&name=&mode=", names(all, func(o one) bool { return o.public })...)
		w.lists(reader, "?"+"producerIds=&templateIds", names(all, func(o one) bool { return o.public })...)
	})
}

func names(all []one, match func(one) bool) (found []string) {
	for _, o := range all {
		if match(o) {
			found = append(found, o.name)
		}
	}
	return found
}

// TestPages reads a list by pages of every length.
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
			page, _ := w.listing(producer, fmt.Sprintf("?offset=%d", offset))
			whole = append(whole, page...)
		}
		if len(whole) < 51 || !slices.IsSortedFunc(whole, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) }) {
			w.Fatalf("all e-services are %q", whole)
		}
		for _, limit := range []int{1, 7, 50} {
			var paged []string
			for offset := 0; offset < len(whole)+limit; offset += limit {
				page, total := w.listing(producer, fmt.Sprintf("?offset=%d&limit=%d", offset, limit))
				if total != len(whole) || len(page) > limit {
					w.Errorf("a page of %d at %d has %d of %d", limit, offset, len(page), total)
				}
				paged = append(paged, page...)
			}
			if !slices.Equal(paged, whole) {
				w.Errorf("pages of %d are %q", limit, paged)
			}
		}
		res := w.Want(w.call("GET", "/eservices?offset=2147483647&limit=3", ""), http.StatusOK)
		if fmt.Sprint(res.Body["pagination"]) != fmt.Sprint(object{"offset": 2147483647.0, "limit": 3.0, "totalCount": float64(len(whole))}) || fmt.Sprint(res.Body["results"]) != "[]" {
			w.Errorf("past the end there is %s", res.Raw)
		}
		res = w.Want(w.call("GET", "/eservices", ""), http.StatusOK)
		if fmt.Sprint(res.Body["pagination"]) != fmt.Sprint(object{"offset": 0.0, "limit": 50.0, "totalCount": float64(len(whole))}) || len(interoptest.Results(res)) != 50 {
			w.Errorf("by default there is %v", res.Body["pagination"])
		}
	})
}

// TestBadQueries asks for what nobody has.
func TestBadQueries(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path, _ := w.public(nil)
		paging := []string{"offset=-1", "offset=x", "offset=", "offset=1.5", "offset=+1", "offset=1&offset=1", "limit=0", "limit=51", "limit=-1", "limit=", "limit=x", "limit=1,2", "limit=1&limit=2", "a=%zz", "a;b"}
		for _, query := range append([]string{
			"technology=rest", "technology=REST,SOAP", "technology=REST&technology=SOAP", "mode=BOTH", "mode=DELIVER,RECEIVE",
			"isSignalHubEnabled=1", "isConsumerDelegable=TRUE", "isClientAccessDelegable=null", "isSignalHubEnabled=true,false",
			"producerIds=x", "templateIds=x", "producerIds=" + producer.Subject + ",x", "producerIds=" + producer.Subject + "&producerIds=x", "producerIds=,",
		}, paging...) {
			w.Refused(w.call("GET", "/eservices?"+query, ""), interop.BadRequest)
		}
		for _, query := range append([]string{"state=draft", "state=DRAFT,PUBLISHED", "state=DRAFT&state=PUBLISHED", "state=ANY"}, paging...) {
			w.Refused(w.call("GET", path+"/descriptors?"+query, ""), interop.BadRequest)
		}
		w.lists(producer, "?unknown=1", w.Want(w.call("GET", path, ""), 200).Text("name"))
	})
}

// TestOrderOfNames makes names of which one begins like another, in every case
// and of two producers.
func TestOrderOfNames(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		names := []string{"Alpha", "ALPHA!", "alpha #2", "Alpha$", "alpha beta", "Alpha-1", "alphA1", "Alphabet", "\u00c0lpha", "àlphabet", "Zzzzz"}
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

// TestListsFollow changes what lists tell, while it is a draft and afterwards.
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
