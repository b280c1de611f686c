package service_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// portal returns the state of a request for publication, as the manual for public bodies
// names it ("Passaggio in produzione"), and the reason.
func (w *world) portal(path string) string {
	w.Helper()
	got := w.verdict(path)
	release := w.call("GET", path+"/release", "")
	active := release.Status == http.StatusOK && release.Text("status") == "published"
	words := []string{}
	switch {
	case got.state == "submitted":
		words = append(words, "in review")
	case got.state == "rejected":
		words = append(words, "dati incompleti o incorretti")
	case !active:
		words = append(words, got.state)
	}
	if active {
		words = append(words, "servizio attivo")
	}
	if got.code != "" || got.reason != "" {
		words = append(words, strings.TrimSpace(got.code+" "+got.reason))
	}
	return strings.Join(words, ", ")
}

// TestPassaggioInProduzione requests the publication of a service until it is active, after
// a rejection for each reason.
func TestPassaggioInProduzione(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path := w.create(complete(map[string]any{"metadata.privacy_url": nil}))
		reads := func(step, want string) {
			w.Helper()
			if got := w.portal(path); got != want {
				w.Errorf("%s: the owner reads %q, want %q", step, got, want)
			}
		}
		reads("before the request", "draft")
		w.submit(path, true)
		reads("without the mandatory fields", "dati incompleti o incorretti, MISSING_METADATA metadata.privacy_url: the privacy notice is needed")
		for _, c := range []struct{ code, reason string }{
			{"CONTRACT_NOT_RECEIVED", "Il contratto di adesione non è arrivato via PEC."},
			{"NOT_A_DELEGATE", "L'account non corrisponde a un delegato."},
			{"MISSING_METADATA", "Mancano metadati.\nAncora uno | e un altro."},
			{"INVALID_FIELDS", "La descrizione è incompleta: " + strings.Repeat("à", 4000)},
			{"", "Senza codice."},
		} {
			w.Want(w.call("PUT", path+"/review", `{"auto_publish":true}`), http.StatusConflict)
			w.Want(w.call("PUT", path, w.fresh()), http.StatusOK)
			reads("edited", "draft")
			w.submit(path, true)
			reads("requested", "in review")
			code := ""
			if c.code != "" {
				code = fmt.Sprintf(`,"code":%q`, c.code)
			}
			w.Want(w.As(reviewer, "POST", path+"/review/reject", fmt.Sprintf(`{"reason":%q%s}`, c.reason, code)), http.StatusNoContent)
			reads("rejected", "dati incompleti o incorretti, "+strings.TrimSpace(c.code+" "+c.reason))
			reads("read again", "dati incompleti o incorretti, "+strings.TrimSpace(c.code+" "+c.reason))
			w.wantLastRow(path, c.reason, c.code)
		}
		w.Want(w.call("PUT", path, w.fresh()), http.StatusOK)
		w.submit(path, true)
		w.decide(path, "approve")
		reads("approved", "servizio attivo")

		// A later change is reviewed while the approved copy stays active.
		w.Want(w.call("PUT", path, w.fresh()), http.StatusOK)
		reads("changed", "servizio attivo")
		w.submit(path, true)
		reads("the change requested", "in review, servizio attivo")
		w.decide(path, "reject")
		reads("the change rejected", "dati incompleti o incorretti, servizio attivo, R")
		w.Want(w.call("PUT", path, w.fresh()), http.StatusOK)
		reads("the reason is gone", "servizio attivo")
	})
}

// wantLastRow fails unless the newest row of the history has that reason and code.
func (w *world) wantLastRow(path, reason, code string) {
	w.Helper()
	items, _ := w.Want(w.call("GET", path+"/history?limit=1", ""), http.StatusOK).Body["items"].([]any)
	row, _ := items[0].(map[string]any)
	status, _ := row["status"].(map[string]any)
	if got, _ := status["code"].(string); status["value"] != "rejected" || status["reason"] != reason || got != code {
		w.Errorf("the history ends with %v, want %s %s", status, code, reason)
	}
}

// TestReasonsAreChecked sends rejections without a reason or with an unknown code.
func TestReasonsAreChecked(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path := w.create(w.fresh())
		w.submit(path, true)
		for _, body := range []string{
			"", "{}", `{"reason":""}`, `{"reason":" \n"}`, `{"reason":1}`, `{"code":"INVALID_FIELDS"}`, `{"reason":"R","code":"OTHER"}`,
			`{"reason":"R","code":""}`, `{"reason":"R","code":"invalid_fields"}`, `{"reason":"R","code":"DUPLICATE_NAME"}`,
			`{"reason":"` + strings.Repeat("r", 4097) + `"}`,
		} {
			res := w.As(reviewer, "POST", path+"/review/reject", body)
			if res.Status != http.StatusBadRequest || w.state(path) != "submitted" {
				w.Errorf("reject with %.40s = %d\n%s", body, res.Status, res.Raw)
			}
		}
		w.Want(w.As(reviewer, "POST", path+"/review/reject", `{"reason":"`+strings.Repeat("è", 4096)+`"}`), http.StatusNoContent)
	})
}
