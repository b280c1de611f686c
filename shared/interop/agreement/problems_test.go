package agreement_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

// TestEveryProblemIsDeclaredAndProduced makes every operation answer with every
// code it declares, and with nothing it does not.
func TestEveryProblemIsDeclaredAndProduced(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for id, r := range w.requests() {
			declared := map[string]problem.Code{}
			for _, c := range r.Codes() {
				declared[c.Name] = c
			}
			produced := map[string]bool{}
			for _, res := range slices.Concat(w.frameProblems(r), w.ownProblems(r)) {
				name := interoptest.CodeOf(res)
				if code, ok := declared[name]; !ok || res.Status != code.Status || res.Text("title") != code.Title {
					w.Errorf("%s answered %d with a code that it does not declare:\n%s", id, res.Status, res.Raw)
				}
				w.wellFormed(id, res)
				produced[name] = true
			}
			if !r.reads() {
				delete(declared, interop.MediaNotSupported.Name)
			}
			for name := range declared {
				if !produced[name] {
					w.Errorf("%s never answered with %s, which it declares", id, name)
				}
			}
		}
	})
}

// wellFormed looks at the members that every refusal has.
func (w *world) wellFormed(id string, res apitest.Response) {
	w.Helper()
	if kind := res.Header.Get("Content-Type"); kind != "application/problem+json" {
		w.Errorf("%s: Content-Type %s", id, kind)
	}
	correlation := res.Text("correlationId")
	if res.Text("type") != "about:blank" || res.Text("title") == "" || res.Text("detail") == "" ||
		res.Body["status"] != float64(res.Status) || correlation == "" || correlation != res.Header.Get("X-Correlation-Id") {
		w.Errorf("%s is refused without a type, title, detail, status or correlation id:\n%s", id, res.Raw)
	}
	all, _ := res.Body["errors"].([]any)
	for _, e := range all {
		entry, _ := e.(object)
		if entry["code"] == "" || entry["detail"] == "" || len(entry) != 2 {
			w.Errorf("%s is refused with the error %v", id, entry)
		}
	}
	if len(all) == 0 {
		w.Errorf("%s is refused without errors:\n%s", id, res.Raw)
	}
}

// frameProblems makes the refusals that operations have in common.
func (w *world) frameProblems(r request) []apitest.Response {
	w.Helper()
	answers := []apitest.Response{
		w.send(nil, r),
		w.send(r.as, r.to(apitest.Unreadable(r.path))),
		w.As(r.as, r.Method, r.path, strings.Repeat(" ", 2<<20)),
		w.send(interoptest.Organization(r.as.Subject), r),
	}
	if r.reads() {
		answers = append(answers, w.As(r.as, r.Method, r.path, "{}", "Content-Type", "text/plain"))
	}
	for _, err := range []error{hooked.ErrDown, errors.New("secret of the storage")} {
		w.Tap.Set(func(*hooked.Call) error { return err })
		res := w.send(r.as, r)
		w.Tap.Set(nil)
		if (res.Status == 503) != (res.Header.Get("Retry-After") == "1") || strings.Contains(res.Raw, "secret") {
			w.Errorf("%s on a broken storage = %d, Retry-After %q\n%s", r.ID, res.Status, res.Header.Get("Retry-After"), res.Raw)
		}
		answers = append(answers, res)
	}
	return answers
}

// ownProblems makes the refusals of one operation.
func (w *world) ownProblems(r request) (answers []apitest.Response) {
	w.Helper()
	refused := func(what string, as *api.Identity, r request) {
		w.Helper()
		res := w.send(as, r)
		if answers = append(answers, res); res.Status < 400 {
			w.Errorf("%s: %s was not refused: %d", r.ID, what, res.Status)
		}
	}
	at := func(what, situation string) {
		w.Helper()
		refused(what+", "+situation, r.as, r.about(w.situated(consumer, situation).id))
	}
	if r.named() {
		refused("no agreement", r.as, r.about(uuid.NewString()))
		refused("no part in it", stranger, r)
	}
	delegated := r.saying(interoptest.JSON(object{"delegationId": uuid.NewString()}))
	switch r.ID {
	case "agreement/delete", "agreement/archive", "agreement/reject":
		at("the state", "REJECTED")
	case "agreement/create":
		for _, seed := range w.seedsInVain() {
			refused("a seed", r.as, r.saying(interoptest.JSON(seed)))
		}
	case "agreement/submit":
		at("the state", "REJECTED")
		for _, id := range w.draftsInVain() {
			refused("a draft", r.as, r.about(id))
		}
	case "agreement/approve":
		at("the state", "ACTIVE")
		refused("a delegation", r.as, delegated)
		c := w.situated(consumer, "PENDING")
		w.archives(c.offer)
		refused("the descriptor", r.as, r.about(c.id))
		c = w.situated(consumer, "PENDING")
		w.loses(attribute.Certified, c.attribute, "")
		refused("the attributes", r.as, r.about(c.id))
	case "agreement/suspend":
		at("the state", "PENDING")
		refused("a delegation", r.as, delegated)
	case "agreement/unsuspend":
		at("the state", "ACTIVE")
		refused("a delegation", r.as, delegated)
		c := w.situated(consumer, "C")
		w.archives(c.offer)
		refused("the descriptor", r.as, r.about(c.id))
	case "agreement/upgrade":
		at("the state", "ARCHIVED")
		at("nothing newer", "ACTIVE")
		for _, id := range w.upgradesInVain() {
			refused("an upgrade", r.as, r.about(id))
		}
	case "agreement/clone":
		at("the state", "ARCHIVED")
		c := w.situated(consumer, "REJECTED")
		w.loses(attribute.Certified, c.attribute, "")
		refused("the attributes", r.as, r.about(c.id))
		w.owns(attribute.Certified, c.attribute, "")
		w.asks(c.offer)
		refused("another one", r.as, r.about(c.id))
	}
	return append(answers, w.verifyProblems(r)...)
}

// seedsInVain are seeds of agreements that are refused, each for a reason of its own.
func (w *world) seedsInVain() []object {
	w.Helper()
	old, suspended, asked, certified := w.offers("MANUAL"), w.offers("MANUAL"), w.offers("MANUAL"), w.attribute(attribute.Certified)
	w.revises(old, "MANUAL")
	w.OK(producer, "POST", suspended.path()+"/suspend", "")
	w.asks(asked)
	delegated := seedOf(w.offers("MANUAL"))
	delegated["delegationId"] = uuid.NewString()
	return []object{
		seedOf(offer{uuid.NewString(), uuid.NewString()}), seedOf(old), seedOf(suspended), seedOf(asked), delegated,
		seedOf(w.offers("MANUAL", one(attribute.Certified, certified))),
	}
}

// draftsInVain are drafts that cannot be submitted.
func (w *world) draftsInVain() []string {
	w.Helper()
	old, suspended, declared := w.offers("MANUAL"), w.offers("MANUAL"), w.attribute(attribute.Declared)
	ids := []string{w.asks(old), w.asks(suspended), w.asks(w.offers("MANUAL", one(attribute.Declared, declared)))}
	w.revises(old, "MANUAL")
	w.OK(producer, "POST", suspended.path()+"/suspend", "")
	return ids
}

// upgradesInVain are agreements that cannot be upgraded.
func (w *world) upgradesInVain() []string {
	w.Helper()
	suspended, certified, drafted := w.offers("MANUAL"), w.offers("MANUAL"), w.offers("MANUAL")
	ids := []string{w.uses(suspended), w.uses(certified), w.uses(drafted)}
	w.OK(producer, "POST", suspended.path()+"/suspend", "")
	w.revises(certified, "MANUAL", one(attribute.Certified, w.attribute(attribute.Certified)))
	w.revises(drafted, "MANUAL", one(attribute.Declared, w.attribute(attribute.Declared)))
	w.does(consumer, ids[2], "upgrade")
	return ids
}

// verifyProblems makes the refusals of the operations on verified attributes.
func (w *world) verifyProblems(r request) (answers []apitest.Response) {
	w.Helper()
	v := w.vouching()
	at := func(tenant, id, through string) request {
		path := "/tenants/" + tenant + "/verifiedAttributes"
		if r.ID == "tenant/verify-attribute" {
			return r.to(path).saying(interoptest.JSON(object{"id": id, "agreementId": through}))
		}
		return r.to(path + "/" + id + "?agreementId=" + through)
	}
	switch r.ID {
	case "tenant/verify-attribute":
		past := object{"id": v.asked, "agreementId": v.through, "expirationDate": w.Clock.Now().Add(-time.Second).Format(time.RFC3339)}
		answers = append(answers, w.send(producer, r.saying(interoptest.JSON(past))))
	case "tenant/revoke-verified-attribute":
		answers = append(answers, w.send(producer, at(consumer.Subject, v.asked, v.through))) // never verified
		w.owns(attribute.Verified, v.asked, v.through)
		w.loses(attribute.Verified, v.asked, v.through)
		answers = append(answers, w.send(producer, at(consumer.Subject, v.asked, v.through))) // revoked already
	default:
		return nil
	}
	return append(answers,
		w.send(producer, at(consumer.Subject, v.asked, uuid.NewString())),
		w.send(producer, at(consumer.Subject, uuid.NewString(), v.through)),
		w.send(producer, at(producer.Subject, v.asked, v.through)),
		w.send(stranger, at(consumer.Subject, v.asked, v.through)),
	)
}

// TestUnknownPathsAndMethods are refused as the product does.
func TestUnknownPathsAndMethods(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		path := "/agreements/" + w.asks(w.offers("MANUAL"))
		for _, c := range []struct {
			method, path string
			code         problem.Code
		}{
			{"GET", path + "/", interop.NoRoute},
			{"GET", path + "/nothing", interop.NoRoute},
			{"POST", path + "/suspend/", interop.NoRoute},
			{"PUT", path, interop.NoMethod},
			{"PATCH", path, interop.NoMethod},
			{"HEAD", path, interop.NoMethod},
			{"GET", path + "/submit", interop.NoMethod},
			{"POST", path + "/history", interop.NoMethod},
			{"DELETE", "/agreements", interop.NoMethod},
		} {
			res := w.Call(w.TB, consumer, c.method, c.path, "")
			w.Refused(res, c.code)
			w.wellFormed(c.method+" "+c.path, res)
		}
	})
}
