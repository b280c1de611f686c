package eservice_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
)

// claimed checks the producer of the claim on an audience and its count of descriptors.
// The producer does not matter when the count is 0.
func (w *world) claimed(audience string, by *api.Identity, count float64) {
	w.Helper()
	claim := w.Items(audiencePK(audience))["AUDIENCE"]
	if got, _ := claim["count"].(float64); got != count || count > 0 && claim["producerId"] != by.Subject {
		w.Errorf("the audience %s is claimed by %v, want %v times", audience, claim, count)
	}
}

func audiencePK(audience string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(strings.TrimRight(strings.TrimSpace(audience), "/ "))))
	return "AUDIENCE#" + hex.EncodeToString(sum[:])
}

// has makes a draft with an audience and returns its path.
func (w *world) has(as *api.Identity, audience string) (path, draft string) {
	w.Helper()
	return w.createAs(as, object{"descriptor.audience": []string{audience}})
}

func (w *world) publish(as *api.Identity, draft string) apitest.Response {
	w.Helper()
	return w.As(as, "POST", draft+"/publish", "")
}

// next makes a draft of a newer version with an audience.
func (w *world) next(path, audience string) string {
	w.Helper()
	return path + "/descriptors/" + w.Want(w.call("POST", path+"/descriptors", terms(object{"audience": []string{audience}})),
		http.StatusCreated).Text("id")
}

// TestAudiencesAreClaimed publishes the audience of another producer in every state
// of the descriptors that have it.
func TestAudiencesAreClaimed(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		const a, b = "https://api.example.it/Anagrafe", "https://api.example.it/v2"
		_, theirs := w.has(other, a) // a draft claims nothing
		path, first := w.has(producer, a)
		w.claimed(a, nil, 0)
		w.Want(w.publish(producer, first), http.StatusOK)
		taken := func(when string) {
			w.Helper()
			for _, alike := range []string{a, strings.ToUpper(a), a + "/", " " + a + "/ / "} {
				w.Want(w.As(other, "PATCH", theirs, payload(object{}, object{"audience": []string{alike}})), http.StatusOK)
				res := w.publish(other, theirs)
				w.Refused(res, interop.AudienceTaken)
				for _, secret := range []string{producer.Subject, idOf(path), a} {
					if strings.Contains(res.Raw, secret) {
						w.Errorf("%s: the refusal names %s: %s", when, secret, res.Raw)
					}
				}
			}
			w.Want(w.As(other, "PATCH", theirs, payload(object{}, object{"audience": []string{a}})), http.StatusOK)
			if got := w.states(other, "/eservices/"+idOf(theirs)); !slices.Equal(got, []string{"1 DRAFT"}) {
				w.Errorf("%s: what was refused is %v", when, got)
			}
		}
		taken("published")
		w.move(first, "suspend")
		taken("suspended")
		w.move(first, "unsuspend")

		_, again := w.has(producer, a) // its own, of another e-service
		w.Want(w.publish(producer, again), http.StatusOK)
		w.claimed(a, producer, 2)
		w.use(path, 1, 1)
		w.Want(w.publish(producer, w.next(path, b)), http.StatusOK)
		w.are("used", path, "1 DEPRECATED", "2 PUBLISHED")
		w.claimed(a, producer, 2)
		w.claimed(b, producer, 1)
		taken("deprecated")
		w.use(path, 1, -1)
		w.retire(path)
		w.are("retired", path, "1 ARCHIVED", "2 PUBLISHED")
		w.claimed(a, producer, 1)
		taken("archived, but for the other e-service")
		w.Want(w.publish(producer, w.next("/eservices/"+idOf(again), b)), http.StatusOK)
		w.claimed(a, nil, 0)
		w.claimed(b, producer, 2)
		w.Want(w.publish(other, theirs), http.StatusOK)
		w.claimed(a, other, 1)
		w.Refused(w.publish(producer, w.next(path, a)), interop.AudienceTaken)
	})
}

// TestAudienceOfVersions publishes versions with one audience, whose claim takes no
// additional step, and deletes and edits drafts, which claim nothing.
func TestAudienceOfVersions(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		const a = "api.example.it/versions"
		path, draft := w.has(producer, a)
		w.Want(w.publish(producer, draft), http.StatusOK)
		for range 3 {
			w.Want(w.publish(producer, w.next(path, a)), http.StatusOK)
			w.claimed(a, producer, 1)
		}
		draft = w.next(path, "api.example.it/other")
		w.Want(w.call("PATCH", draft, `{"audience":["api.example.it/another"]}`), http.StatusOK)
		w.Want(w.call("DELETE", draft, ""), http.StatusOK)
		gone, _ := w.has(producer, a)
		w.Want(w.call("DELETE", gone, ""), http.StatusOK)
		for audience, count := range map[string]float64{a: 1, "api.example.it/other": 0, "api.example.it/another": 0} {
			w.claimed(audience, producer, count)
		}
	})
}

// TestSeveralAudiences: each of several values is claimed, and one that is taken refuses
// all. Requests have one value; records may have several.
func TestSeveralAudiences(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		several := func(as *api.Identity, values ...string) string {
			path, draft := w.has(as, values[0])
			key := table.Key{Table: interop.Table.Name, PK: "ESERVICE#" + idOf(path), SK: "DESCRIPTOR#000001"}
			if err := w.Tap.DB.Write(w.Context(), table.Update("several", key, table.Changes{Set: map[string]any{"audience": values}})); err != nil {
				w.Fatal(err)
			}
			return draft
		}
		w.Want(w.publish(producer, several(producer, "one", "ONE/", "two")), http.StatusOK)
		w.claimed("one", producer, 1)
		w.claimed("two", producer, 1)
		w.Refused(w.publish(other, several(other, "three", "two")), interop.AudienceTaken)
		w.claimed("three", nil, 0)
		w.Refused(w.publish(other, several(other, "three", " ")), interop.AudienceEmpty)
		w.Refused(w.publish(other, several(other, "three", ownAudience)), interop.AudienceReserved)
		w.Want(w.publish(other, several(other, "three", "four")), http.StatusOK)
		w.claimed("four", other, 1)
	})
}

// TestReservedAudiences publishes the audiences of the deployment itself.
func TestReservedAudiences(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for audience, code := range map[string]problem.Code{
			ownAudience:                  interop.AudienceReserved,
			strings.ToUpper(ownAudience): interop.AudienceReserved,
			ownAudience + "/":            interop.AudienceReserved,
			ownIssuer:                    interop.AudienceReserved,
			ownIssuer + "/":              interop.AudienceReserved,
			ownIssuer + "/token.oauth2":  interop.AudienceReserved,
			ownAudience + "/more":        success,
			ownIssuer + ".example.it":    success,
			"/":                          interop.AudienceEmpty,
			"":                           interop.AudienceEmpty,
		} {
			path, draft := w.has(producer, audience)
			res := w.publish(producer, draft)
			if code == success {
				w.Want(res, http.StatusOK)
				continue
			}
			w.Refused(res, code)
			if got := w.version(path); got != 1 {
				w.Errorf("%q was refused and made version %d", audience, got)
			}
		}
		// The switch does not give away the deployment's own.
		shared := w.with("true")
		_, draft := shared.has(producer, ownIssuer)
		shared.Refused(shared.publish(producer, draft), interop.AudienceReserved)
		// A deployment without these settings reserves nothing.
		plain := w.with("")
		clear(plain.Settings)
		_, draft = plain.has(producer, ownIssuer)
		plain.Want(plain.publish(producer, draft), http.StatusOK)
	})
}

// with is another deployment on the same storage with another setting of the switch.
func (w *world) with(shared string) *world {
	w.Helper()
	return &world{World: w.World.With(eservice.SharedAudiencesSetting, shared), registry: w.registry}
}

// TestSharedAudiences turns the claim on and off.
func TestSharedAudiences(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		const a, b = "api.example.it/shared", "api.example.it/before"
		path, first := w.has(producer, b)
		w.Want(w.publish(producer, first), http.StatusOK)
		shared := w.with("true")
		_, mine := shared.has(producer, a)
		_, theirs := shared.has(other, a)
		_, late := shared.has(other, b)
		for _, draft := range []string{mine, theirs, late} {
			shared.Want(shared.publish(map[bool]*api.Identity{true: producer, false: other}[draft == mine], draft), http.StatusOK)
		}
		shared.claimed(a, nil, 0)
		// What was claimed before is released; what is shared is claimed when it changes
		// under the old setting, by the first to change it.
		shared.Want(shared.publish(producer, shared.next(path, a)), http.StatusOK)
		w.claimed(b, nil, 0)
		w.Want(w.As(other, "PATCH", theirs+"/quotas", patches["quotas"]), http.StatusOK)
		w.claimed(a, other, 1)
		w.move(mine, "suspend")
		w.claimed(a, other, 1)
		w.Refused(w.publish(producer, w.next("/eservices/"+idOf(mine), a)), interop.AudienceTaken)
		for _, text := range []string{"maybe", "yes", "on"} {
			if _, err := eservice.NewStore(w.with(text).Deps()); err == nil || !strings.Contains(err.Error(), "must be true or false") {
				w.Errorf("the setting %q: %v", text, err)
			}
		}
	})
}

// unclaim removes a claim, as if an earlier release had published the descriptor.
func (w *world) unclaim(path, audience string) {
	w.Helper()
	for sk := range w.Items("ESERVICE#" + idOf(path)) {
		if strings.HasPrefix(sk, "DESCRIPTOR#") {
			key := table.Key{Table: interop.Table.Name, PK: "ESERVICE#" + idOf(path), SK: sk}
			if err := w.Tap.DB.Write(w.Context(), table.Update("unclaim", key, table.Changes{Remove: []string{"audienceClaimed"}})); err != nil {
				w.Fatal(err)
			}
		}
	}
	w.empty(audiencePK(audience))
}

// TestAudiencesOfEarlierReleases changes descriptors that were published without a claim:
// they claim the audience, unless it belongs to another producer by then. That refuses
// only the publication of the audience.
func TestAudiencesOfEarlierReleases(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		var all []string
		for _, taken := range []bool{false, true} {
			for _, change := range []string{"suspend", "quotas", "unsuspend", "publish", "retire"} {
				a := fmt.Sprintf("api.example.it/%s/%t", change, taken)
				path, first := w.has(producer, a)
				w.Want(w.publish(producer, first), http.StatusOK)
				w.use(path, 1, 1)
				if change == "unsuspend" {
					w.move(first, "suspend")
				}
				w.unclaim(path, a)
				holder := producer
				if taken {
					another, theirs := w.has(other, a)
					w.Want(w.publish(other, theirs), http.StatusOK)
					holder, all = other, append(all, another)
				}
				switch change {
				case "quotas":
					w.Want(w.call("PATCH", first+"/quotas", patches["quotas"]), http.StatusOK)
				case "publish", "retire":
					w.Want(w.publish(producer, w.next(path, a+"/2")), http.StatusOK)
				default:
					w.move(first, change)
				}
				w.claimed(a, holder, 1)
				if change == "retire" {
					w.use(path, 1, -1)
					w.retire(path)
					w.are("retired", path, "1 ARCHIVED", "2 PUBLISHED")
					w.claimed(a, other, map[bool]float64{true: 1}[taken])
				}
				if taken {
					w.Refused(w.publish(producer, w.next(path, a)), interop.AudienceTaken)
				}
				all = append(all, path)
			}
		}
		w.audit(all...)
	})
}
