package attribute_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/namestest"
)

// TestStory makes an attribute of every kind and reads it in every way.
func TestStory(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for _, kind := range kinds {
			said := object{"name": "Pubblica Amministrazione", "description": "È una PA, <vero>"}
			if kind == attribute.Certified {
				said["code"] = "L37"
			}
			res := w.Want(add(w, kind, said), 201)
			want := object{"name": said["name"], "description": said["description"], "createdAt": "2026-11-21T10:00:00.000Z", "id": res.Body["id"]}
			if kind == attribute.Certified {
				want["code"], want["origin"] = "L37", certifier.Subject
			}
			id := res.Text("id")
			page := object{"results": []any{want}, "pagination": object{"offset": 0.0, "limit": 50.0, "totalCount": 1.0}}
			for what, got := range map[string][2]object{
				"created": {want, res.Body},
				"read":    {want, w.As(reader, "GET", pathOf(kind)+"/"+id, "").Body},
				"listed":  {page, w.As(reader, "GET", pathOf(kind), "").Body},
			} {
				if diff := cmp.Diff(got[0], got[1]); diff != "" || len(id) != 36 {
					t.Errorf("%s %s (-want +got):\n%s", kind, what, diff)
				}
			}
			for _, other := range kinds {
				if other != kind {
					w.Refused(w.As(reader, "GET", pathOf(other)+"/"+id, ""), interop.AttributeOtherKind, id)
				}
			}
			missing := interoptest.UnknownID()
			w.Refused(w.As(reader, "GET", pathOf(kind)+"/"+missing, ""), interop.AttributeNotFound, missing)
		}
	})
}

// TestStrictPages checks that strict editions ask for both parameters of a page, and take no
// offset that their contract cannot hold.
func TestStrictPages(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		strict := w.With("STRICT", "true")
		for query, want := range map[string][2]int{
			"": {200, 400}, "?offset=0": {200, 400}, "?limit=1": {200, 400}, "?offset=0&limit=1": {200, 200},
			"?offset=2147483647&limit=1": {200, 200}, "?offset=2147483648&limit=1": {200, 400},
		} {
			path := pathOf(attribute.Declared) + query
			w.Want(w.As(reader, "GET", path, ""), want[0])
			strict.Want(strict.As(reader, "GET", path, ""), want[1])
		}
	})
}

func TestFields(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		all := requests(w)
		for _, kind := range kinds {
			fields := map[string]interoptest.Field{"name": interoptest.Text(3, 100), "description": interoptest.Text(10, 500)}
			required := "name description"
			if kind == attribute.Certified {
				fields = map[string]interoptest.Field{
					"name": interoptest.Text(1, 500), "description": interoptest.Text(1, 500),
					"code": interoptest.Text(1, 64),
				}
				required += " code"
			}
			if kind != attribute.Certified { // only certified attributes have codes
				fields["code"] = interoptest.Field{Bad: []string{`"L37"`}}
				fields["origin"] = interoptest.Field{Bad: []string{`"x"`}}
			}
			r := all["attribute/create-"+words[kind]]
			before := w.Items("ATTRIBUTES#" + string(kind))
			added := 0
			w.Accepts(r, func() object { return seed(kind, nil) }, required, fields, func(res apitest.Response, member, value string) {
				added++
				var want any
				if err := json.Unmarshal([]byte(value), &want); err != nil || res.Status != 201 || res.Body[member] != want {
					t.Errorf("%s with %s %.20s = %d %s", r.ID, member, value, res.Status, res.Raw)
				}
				if got := w.As(reader, "GET", pathOf(kind)+"/"+res.Text("id"), ""); !cmp.Equal(got.Body, res.Body) {
					t.Errorf("%s with %s is read as %s", r.ID, member, got.Raw)
				}
			})
			if after := w.Items("ATTRIBUTES#" + string(kind)); len(after) != len(before)+added {
				t.Errorf("%d attributes came of %d that were taken", len(after)-len(before), added)
			}
			w.BadPages(reader, pathOf(kind))
			w.Refused(w.As(reader, "GET", pathOf(kind)+"/x", ""), interop.BadRequest)
		}
	})
}

// TestLongestNames: the longest name is longer than a sort key.
func TestLongestNames(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		start := strings.Repeat("𝕒", 225) + strings.Repeat("Ɀ", 100) // which is longer in lower case
		var want []string
		for _, end := range []string{"", "a", "B", "c", strings.Repeat("𝕫", 175)} {
			made(w, attribute.Certified, object{"name": start + end})
			want = append(want, start+end)
		}
		for i := range 4 { // the cut falls inside of a character
			name := strings.Repeat("z", i) + strings.Repeat("𝕫", 490)
			made(w, attribute.Certified, object{"name": name})
			want = append(want, name)
		}
		slices.SortFunc(want, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
		w.Pages(reader, pathOf(attribute.Certified), "name", want)
		w.Refused(add(w, attribute.Certified, object{"name": strings.ToUpper(want[3])}), interop.AttributeDuplicate)
	})
}

// TestUnique adds attributes with names and codes that are taken or free.
func TestUnique(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for _, kind := range kinds {
			made(w, kind, object{"name": "Anagràfe e stato civile"})
			before := w.Items("ATTRIBUTES#" + string(kind))
			for _, name := range append(namestest.Alike("Anagràfe e stato civile"), "Anagràfe e stato civile") {
				w.Refused(add(w, kind, object{"name": name}), interop.AttributeDuplicate, name)
			}
			if diff := cmp.Diff(before, w.Items("ATTRIBUTES#"+string(kind))); diff != "" {
				t.Errorf("refused, yet:\n%s", diff)
			}
			made(w, kind, object{"name": "Anagrafe e stato civile"})
			// One name that only an earlier release's claim, in lower case, refuses.
			earlier := interop.Key("ATTRIBUTE#NAME#"+string(kind)+"#"+interop.Hash("stato  civile"), "NAME")
			if err := w.DB.Write(t.Context(), table.Put("claim", earlier, map[string]string{"attributeId": "earlier"})); err != nil {
				t.Fatal(err)
			}
			w.Refused(add(w, kind, object{"name": "Stato  Civile"}), interop.AttributeDuplicate)
		}
		as := func(who *api.Identity, code string) apitest.Response {
			return w.As(who, "POST", pathOf(attribute.Certified), interoptest.JSON(seed(attribute.Certified, object{"code": code})))
		}
		w.Want(as(certifier, "L37"), 201)
		w.Refused(as(certifier, "L37"), interop.AttributeDuplicate, "L37", certifier.Subject)
		w.Want(as(certifier, "l37"), 201) // codes are as the certifier writes them
		w.Want(as(rival, "L37"), 201)     // and each has its own
		// The name is what is named when both are taken.
		made(w, attribute.Certified, object{"name": "Both", "code": "both"})
		w.Refused(add(w, attribute.Certified, object{"name": "BOTH", "code": "both"}), interop.AttributeDuplicate, "name BOTH")
		// What was refused for its code has not taken the name.
		w.Refused(add(w, attribute.Certified, object{"name": "Free", "code": "both"}), interop.AttributeDuplicate, "code both")
		made(w, attribute.Certified, object{"name": "Free"})
		// What was refused for its name has not taken the code.
		w.Refused(add(w, attribute.Certified, object{"name": "Free", "code": "free"}), interop.AttributeDuplicate)
		made(w, attribute.Certified, object{"code": "free"})
	})
}

// TestLists reads lists by pages, in the order of the names.
func TestLists(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		for _, kind := range kinds {
			w.Pages(reader, pathOf(kind), "name", nil)
			names := []string{"Alpha", "ALPHA!", "alpha #2", "Alpha$", "alpha beta", "Alpha-1", "alphA1", "Alphabet", "Àlpha", "àlphabet"}
			for i := range 43 {
				names = append(names, fmt.Sprintf("More %02d", i))
			}
			for _, name := range names {
				made(w, kind, object{"name": name})
			}
			slices.SortFunc(names, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
			w.Pages(reader, pathOf(kind), "name", names)
		}
	})
}

// TestFind reads many attributes at once.
func TestFind(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		certified, declared, missing := made(w, attribute.Certified, object{"name": "C", "code": "c"}), made(w, attribute.Declared,
			nil), interoptest.UnknownID()
		found, err := attribute.Find(t.Context(), w.DB, certified, missing, declared, certified)
		if err != nil || len(found) != 2 || found[declared].Kind != attribute.Declared {
			t.Fatalf("found %v, %v", found, err)
		}
		want := &attribute.Attribute{
			ID: certified, Kind: attribute.Certified, Name: "C", Description: "What it is for",
			CreatedAt: table.Stamp(w.Clock.Now()), Code: "c", Origin: certifier.Subject,
		}
		if diff := cmp.Diff(want, found[certified]); diff != "" {
			t.Error(diff)
		}
		w.Tap.Set(nil)
		if found, err := attribute.Find(t.Context(), w.DB); err != nil || len(found) != 0 || w.Tap.Seen() != 0 {
			t.Errorf("of none there are %v, %v, in %d calls", found, err, w.Tap.Seen())
		}
	})
}

func TestRoles(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		stored := func() any {
			return []any{w.Items("ATTRIBUTES#CERTIFIED"), w.Items("ATTRIBUTES#DECLARED"), w.Items("ATTRIBUTES#VERIFIED")}
		}
		all := requests(w)
		w.Succeed(all)
		w.Roles(func() map[string]interoptest.Request {
			for _, kind := range kinds { // each is created once
				r := all["attribute/create-"+words[kind]]
				r.Body = interoptest.JSON(seed(kind, nil))
				all[r.ID] = r
			}
			return all
		}, stored, map[string]problem.Code{"attribute/create-certified": interop.NotACertifier})
	})
}

func TestEveryProblemIsDeclaredAndProduced(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for _, kind := range kinds {
			made(w, kind, object{"name": "Taken"})
		}
		w.DeclaredCodes(requests(w), func(r interoptest.Request) []apitest.Response {
			answers := []apitest.Response{w.Send(r.By(interoptest.Organization(r.As.Subject, "admin")))}
			for _, kind := range kinds {
				switch r.ID {
				case "attribute/create-" + words[kind]:
					answers = append(answers, add(w, kind, object{"name": "taken"}))
				case "attribute/get-" + words[kind]:
					other := kinds[(slices.Index(kinds, kind)+1)%len(kinds)]
					answers = append(answers, w.As(reader, "GET", pathOf(kind)+"/"+interoptest.UnknownID(), ""),
						w.As(reader, "GET", pathOf(kind)+"/"+made(w, other, nil), ""))
				}
			}
			return answers
		})
		w.Refused(w.As(interoptest.Organization(interoptest.UnknownID(), interop.RoleReader), "POST", pathOf(attribute.Certified),
			interoptest.JSON(seed(attribute.Certified, nil))), interop.NotACertifier, "certifier")
	})
}
