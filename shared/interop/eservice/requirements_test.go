package eservice_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/problem"
)

// TestRequirements adds, lists and removes what a descriptor requires, of each kind.
func TestRequirements(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for _, kind := range kinds {
			path, draft := w.create(nil)
			list, all := draft+"/"+kind+"Attributes", w.attributes(kind)
			wantBody(w, w.Want(w.call("GET", list, ""), http.StatusOK).Body,
				object{"results": []any{}, "pagination": object{"offset": 0.0, "limit": 50.0, "totalCount": 0.0}})
			shown := map[string]any{}
			for _, id := range all {
				shown[id] = w.Want(w.As(reader, "GET", "/"+kind+"Attributes/"+id, ""), http.StatusOK).Body
			}
			at := func(index int, id string) any { return object{"groupIndex": float64(index), "attribute": shown[id]} }
			wantBody(w, w.need(draft, kind, all[1], all[0]).Body, object{"attributes": []any{at(0, all[1]), at(0, all[0])}})
			wantBody(w, w.need(draft, kind, all[1]).Body, object{"attributes": []any{at(1, all[1])}})
			void := func(method, path, body string) {
				w.Helper()
				if res := w.Want(w.call(method, path, body), http.StatusOK); res.Raw != "{}\n" {
					w.Errorf("%s %s is answered %s", method, path, res.Raw)
				}
			}
			void("POST", in(draft, kind, 0), group(all[2]))
			wantBody(w, w.call("GET", list, "").Body, object{
				"results":    []any{at(0, all[1]), at(0, all[0]), at(0, all[2]), at(1, all[1])},
				"pagination": object{"offset": 0.0, "limit": 50.0, "totalCount": 4.0},
			})
			wantBody(w, w.call("GET", list+"?offset=2&limit=2", "").Body, object{
				"results": []any{at(0, all[2]), at(1, all[1])}, "pagination": object{"offset": 2.0, "limit": 2.0, "totalCount": 4.0},
			})
			wantBody(w, w.call("GET", list+"?offset=4&limit=1", "").Body,
				object{"results": []any{}, "pagination": object{"offset": 4.0, "limit": 1.0, "totalCount": 4.0}})

			void("DELETE", in(draft, kind, 0)+"/"+all[0], "")
			wantBody(w, w.need(draft, kind).Body, object{"attributes": []any{}}) // a group that requires nothing
			wantBody(w, w.need(draft, kind, all[0]).Body, object{"attributes": []any{at(3, all[0])}})
			void("DELETE", in(draft, kind, 1)+"/"+all[1], "") // the last of its group, which goes
			void("POST", in(draft, kind, 1), group())
			w.needs(draft, kind, "0 "+all[1], "0 "+all[2], "2 "+all[0])
			void("POST", in(draft, kind, 1), group(all[2], all[0]))
			want := []string{"0 " + all[1], "0 " + all[2], "1 " + all[2], "1 " + all[0], "2 " + all[0]}
			w.needs(draft, kind, want...)
			for _, other := range kinds {
				if other != kind {
					w.needs(draft, other)
				}
			}

			w.Refused(w.As(other, "GET", list, ""), interop.EServiceNotFound)
			w.move(draft, "publish")
			w.needs(draft, kind, want...)
			w.Refused(w.call("POST", in(draft, kind, 1), group()), interop.UnchangedAttributes)
			if res := w.Want(w.As(other, "GET", list, ""), http.StatusOK); res.Raw != w.call("GET", list, "").Raw {
				w.Errorf("others see %s", res.Raw)
			}
			next := w.draft(path)
			w.needs(next, kind)
			w.Refused(w.As(other, "GET", next+"/"+kind+"Attributes", ""), interop.DescriptorUnknown)
			w.auditOwn(path)
		}
	})
}

// needs compares what a descriptor requires of a kind.
func (w *world) needs(descriptor, kind string, want ...string) {
	w.Helper()
	if diff := cmp.Diff(want, w.needed(descriptor, kind)); diff != "" {
		w.Errorf("%s attributes of %s (-want +got):\n%s", kind, descriptor, diff)
	}
}

// TestAttributeQuotas gives certified attributes a limit, which is never more than the
// total of the descriptor, whichever of the two changes.
func TestAttributeQuotas(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path, draft := w.needing()
		all := w.attributes("certified")
		quota := func(index int) string { return in(draft, "certified", index) + "/" + all[1] }
		stored := func(want object) {
			w.Helper()
			d := w.Items("ESERVICE#" + idOf(path))["DESCRIPTOR#000001"]
			if diff := cmp.Diff([]any{[]any{object{"attributeId": all[0]}, want}}, d["certified"]); diff != "" {
				w.Errorf("the groups (-want +got):\n%s", diff)
			}
		}
		w.Refused(w.call("PATCH", quota(0), `{"dailyCallsPerConsumer":101}`), interop.InconsistentDailyCalls)
		stored(object{"attributeId": all[1]})
		if res := w.Want(w.call("PATCH", quota(0), `{"dailyCallsPerConsumer":100}`, "Content-Type", "application/merge-patch+json"),
			http.StatusOK); res.Raw != "{}\n" {
			w.Errorf("answered %s", res.Raw)
		}
		stored(object{"attributeId": all[1], "dailyCallsPerConsumer": 100.0})
		before := w.records(path)
		w.Refused(w.call("PATCH", quota(0), `{}`), interop.BadRequest)
		w.Refused(w.call("PATCH", quota(0), `{"dailyCallsPerConsumer":100}`), interop.UnchangedAttributes)
		w.unchanged(path, before)
		if seen := w.call("GET", draft+"/certifiedAttributes", "").Raw; strings.Count(seen, `"dailyCallsPerConsumer":100`) != 1 ||
			strings.Count(seen, "daily") != 1 {
			w.Errorf("the quota is not in the list, or also where none was set: %s", seen)
		}

		res := w.call("PATCH", draft, `{"dailyCallsTotal":99}`)
		w.Refused(res, interop.InconsistentDailyCalls)
		if !strings.Contains(res.Text("detail"), all[1]) {
			w.Errorf("the attribute is not named: %s", res.Raw)
		}
		w.Want(w.call("PATCH", draft, `{"dailyCallsTotal":101}`), http.StatusOK)
		w.move(draft, "publish")
		w.Refused(w.call("PATCH", draft+"/quotas", `{"dailyCallsTotal":99}`), interop.InconsistentDailyCalls)
		w.Refused(w.call("PATCH", quota(0), `{"dailyCallsPerConsumer":102}`), interop.InconsistentDailyCalls)
		w.Want(w.call("PATCH", draft+"/quotas", `{"dailyCallsTotal":100}`), http.StatusOK)
		w.Want(w.call("PATCH", quota(0), `{"dailyCallsPerConsumer":1}`), http.StatusOK)
		stored(object{"attributeId": all[1], "dailyCallsPerConsumer": 1.0})
		w.Want(w.call("PATCH", draft+"/quotas", `{"dailyCallsTotal":10}`), http.StatusOK)
		w.Refused(w.call("PATCH", quota(1), `{"dailyCallsPerConsumer":1}`), interop.QuotaGroupNotFound)
		w.audit(path)
	})
}

// TestRequirementRefusals sends requirements that are refused.
func TestRequirementRefusals(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		path, draft := w.needing()
		public, live := w.needing()
		w.move(live, "publish")
		before, publicBefore := w.records(path), w.records(public)
		for i, kind := range kinds {
			all, others, unknown := w.attributes(kind), w.attributes(kinds[(i+1)%3]), interoptest.UnknownID()
			groups, first := draft+"/"+kind+"Attributes/groups", in(draft, kind, 0)
			for _, c := range []struct {
				method, path, body string
				code               problem.Code
				names              string
			}{
				{"POST", groups, group(unknown), interop.RequiredNotInRegistry, unknown},
				{"POST", groups, group(all[0], others[0]), interop.RequiredNotInRegistry, others[0]},
				{"POST", groups, group(all[0], all[1], all[0]), interop.RequiredTwiceInGroup, all[0]},
				{"POST", groups, group(all[0], all[0], unknown), interop.RequiredTwiceInGroup, all[0]},
				{"POST", first, group(unknown), interop.RequiredNotInRegistry, unknown},
				{"POST", first, group(all[2], others[2]), interop.RequiredNotInRegistry, others[2]},
				{"POST", first, group(all[2], all[1]), interop.RequiredTwiceInGroup, all[1]},
				{"POST", first, group(all[2], all[2]), interop.RequiredTwiceInGroup, all[2]},
				{"POST", first, group(all[1], unknown), interop.RequiredTwiceInGroup, all[1]},
				{"POST", in(draft, kind, 1), group(unknown), interop.RequiredGroupNotFound, "group 1"},
				{"POST", in(live, kind, 1), group(unknown), interop.RequiredGroupNotFound, "group 1"},
				{"DELETE", in(draft, kind, 1) + "/" + all[0], "", interop.RequiredGroupNotFound, "group 1"},
				{"DELETE", first + "/" + all[2], "", interop.RequiredNotFound, all[2]},
				{"DELETE", first + "/" + others[0], "", interop.RequiredNotFound, others[0]},
				{"DELETE", first + "/" + strings.ToUpper(unknown), "", interop.RequiredNotFound, unknown},
				{"POST", live + "/" + kind + "Attributes/groups", group(unknown), interop.DescriptorNotValid, "PUBLISHED"},
				{"DELETE", in(live, kind, 7) + "/" + unknown, "", interop.DescriptorNotValid, "PUBLISHED"},
				{"PATCH", in(live, "certified", 1) + "/" + unknown, `{"dailyCallsPerConsumer":101}`, interop.QuotaGroupNotFound, "group 1"},
				{"PATCH", in(live, "certified", 0) + "/" + unknown, `{"dailyCallsPerConsumer":101}`, interop.RequiredNotInRegistry, unknown},
			} {
				res := w.call(c.method, c.path, c.body)
				if w.Refused(res, c.code); !strings.Contains(res.Text("detail"), c.names) {
					w.Errorf("%s %s does not name %s: %s", c.method, c.path, c.names, res.Raw)
				}
			}
			// Other producers are refused before the request is checked further.
			w.Refused(w.As(other, "POST", in(live, kind, 9), group(unknown)), interop.NotTheEServiceProducer)
			w.Refused(w.As(other, "DELETE", in(live, kind, 9)+"/"+unknown, ""), interop.NotTheEServiceProducer)
			w.Refused(w.As(other, "POST", live+"/"+kind+"Attributes/groups", group(unknown)), interop.NotTheEServiceProducer)
			w.Refused(w.As(other, "POST", in(draft, kind, 9), group(unknown)), interop.EServiceNotFound)
		}
		w.unchanged(path, before)
		w.unchanged(public, publicBefore)
	})
}

// malformed checks that requests with a body are refused as malformed.
func (w *world) malformed(method, path string, bodies ...string) {
	w.Helper()
	for _, body := range bodies {
		if res := w.call(method, path, body); interoptest.CodeOf(res) != interop.BadRequest.Name {
			w.Errorf("%s %s with %.60s = %d\n%s", method, path, body, res.Status, res.Raw)
		}
	}
}

// badGroups are bodies that name attributes in a wrong way.
func badGroups(known string) []string {
	return []string{
		``, `null`, `[]`, `{}`, `{"attributeIds":null}`, `{"attributeIds":"` + known + `"}`, `{"attributeIds":[null]}`, `{"attributeIds":[1]}`,
		`{"attributeIds":["x"]}`, `{"attributeIds":["` + known[1:] + `"]}`, `{"attributeIds":["` + known + `",""]}`,
		`{"AttributeIds":["` + known + `"]}`, `{"attributeIds":["` + known + `"],"groupIndex":0}`,
		`{"attributeIds":["` + known + `"],"other":null}`, group(slices.Repeat([]string{interoptest.UnknownID()}, 51)...),
	}
}

// TestRequirementFields sends malformed bodies and paths.
func TestRequirementFields(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		path, draft := w.needing()
		before := w.records(path)
		known := w.attributes("certified")[2]
		quotas := in(draft, "certified", 0) + "/"
		quota := quotas + w.attributes("certified")[0]
		for _, kind := range kinds {
			first := in(draft, kind, 0)
			w.malformed("POST", draft+"/"+kind+"Attributes/groups", badGroups(known)...)
			w.malformed("POST", first, badGroups(known)...)
			for _, index := range []string{"-1", "x", "1.0", "+0", "00", "0x0", "%20", "9223372036854775808", "-0", strings.Repeat("9", 3000)} {
				at := strings.NewReplacer("/groups/0/", "/groups/"+index+"/")
				w.malformed("POST", at.Replace(first), group(known))
				w.malformed("DELETE", at.Replace(first)+"/"+known, "")
				w.malformed("PATCH", at.Replace(quota), `{}`)
			}
			for _, id := range []string{"x", known[1:], known + "0", "%20", strings.Repeat("0", 3000)} {
				w.malformed("DELETE", first+"/"+id, "")
				w.malformed("PATCH", quotas+id, `{}`)
			}
			w.BadPages(producer, draft+"/"+kind+"Attributes")
			w.Refused(w.call("POST", in(draft, kind, 2147483648), group(known)), interop.RequiredGroupNotFound)
		}
		for _, value := range calls.Bad {
			w.malformed("PATCH", quota, `{"dailyCallsPerConsumer":`+value+`}`)
		}
		w.malformed("PATCH", quota, ``, `null`, `[]`, `{}`, `{"dailyCallsTotal":1}`, `{"DailyCallsPerConsumer":1}`, `{"other":null}`)
		w.unchanged(path, before)
		_, big := w.create(object{"descriptor.dailyCallsTotal": 1000000000})
		w.need(big, "certified", known)
		for _, value := range calls.Good {
			w.OK(producer, "PATCH", in(big, "certified", 0)+"/"+known, `{"dailyCallsPerConsumer":`+value+`}`)
		}
	})
}

// TestMostRequirements adds as many attributes as a descriptor takes; an empty group
// counts as one.
func TestMostRequirements(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		path, draft := w.create(nil)
		fifty := w.define("certified", 50)
		one := w.attributes("declared")
		for range 3 {
			w.need(draft, "certified", fifty...)
		}
		w.need(draft, "declared", one[0])
		w.need(draft, "certified", fifty[:48]...)
		w.need(draft, "verified", w.attributes("verified")[0])
		last := draft + "/verifiedAttributes/groups/0/attributes/" + w.attributes("verified")[0]
		full := func() {
			w.Helper()
			before := w.records(path)
			for _, res := range []func() string{
				func() string { return interoptest.Answered(w.call("POST", in(draft, "declared", 0), group(one[2]))) },
				func() string {
					return interoptest.Answered(w.call("POST", in(draft, "certified", 3), group(fifty[49])))
				},
				func() string {
					return interoptest.Answered(w.call("POST", draft+"/verifiedAttributes/groups", group(w.attributes("verified")[1])))
				},
			} {
				if got := res(); got != interop.BadRequest.Name {
					w.Errorf("one too many is answered %s", got)
				}
			}
			w.unchanged(path, before)
		}
		full()
		w.Want(w.call("DELETE", last, ""), http.StatusOK) // with its group
		w.need(draft, "verified")                         // which counts
		full()
		w.Want(w.call("DELETE", in(draft, "certified", 3)+"/"+fifty[0], ""), http.StatusOK)
		w.Want(w.call("POST", in(draft, "declared", 0), group(one[1])), http.StatusOK)
		full()
		w.Want(w.call("POST", in(draft, "verified", 0), group(w.attributes("verified")[1])), http.StatusOK) // in place of nothing
		res := w.call("GET", draft+"/certifiedAttributes?offset=150&limit=50", "")
		page, _ := res.Body["pagination"].(object)
		if len(interoptest.Results(res)) != 47 || page["totalCount"] != 197.0 {
			w.Errorf("the last page has %d of %v", len(interoptest.Results(res)), page)
		}
		w.move(draft, "publish")
		w.Refused(w.call("POST", in(draft, "declared", 0), group(one[2])), interop.BadRequest)
	})
}

// TestLostAttribute lists an attribute that is not in the registry, which never happens:
// the list is not answered in part.
func TestLostAttribute(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		_, draft := w.needing()
		w.empty("ATTRIBUTE#" + w.attributes("declared")[1])
		w.Refused(w.call("GET", draft+"/declaredAttributes", ""), interop.GenericError)
		w.Want(w.call("GET", draft+"/declaredAttributes?limit=1", ""), http.StatusOK)
		w.Want(w.call("GET", draft+"/verifiedAttributes", ""), http.StatusOK)
	})
}
