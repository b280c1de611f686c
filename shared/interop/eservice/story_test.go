package eservice_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
)

// registerAnagrafe creates an e-service, and returns its path and its descriptor as read.
func (w *world) registerAnagrafe() (path, first string, version object) {
	w.Helper()
	res := w.Want(w.call("POST", "/eservices", seed(object{
		"name": "Anagrafe", "personalData": true, "isSignalHubEnabled": false, "isConsumerDelegable": true,
		"descriptor.description": "First version",
	})), http.StatusCreated)
	path = "/eservices/" + res.Text("id")
	first = w.descriptors(producer, path)[0]
	wantBody(w, res.Body, object{
		"id": idOf(path), "producerId": producer.Subject, "name": "Anagrafe", "description": "Certificati online",
		"technology": "REST", "mode": "DELIVER",
		"personalData": true, "isSignalHubEnabled": false, "isConsumerDelegable": true,
	})
	version = object{
		"id": interoptest.LastID(first), "version": "1", "state": "DRAFT", "description": "First version",
		"audience":        []any{"api.example.it"},
		"voucherLifespan": 600.0, "dailyCallsPerConsumer": 10.0, "dailyCallsTotal": 100.0, "agreementApprovalPolicy": "AUTOMATIC",
		"serverUrls": []any{},
	}
	wantBody(w, w.call("GET", first, "").Body, version)
	w.Refused(w.As(reader, "GET", path, ""), interop.EServiceNotFound)
	return path, first, version
}

// TestStory takes an e-service from its draft to its second version.
func TestStory(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path, first, version := w.registerAnagrafe()
		now := w.now(time.Hour)
		w.move(first, "publish")
		version["state"] = "PUBLISHED"
		version["publishedAt"] = now
		wantBody(w, w.As(reader, "GET", first, "").Body, version)

		suspended := w.now(time.Hour)
		version["state"] = "SUSPENDED"
		version["suspendedAt"] = suspended
		wantBody(w, w.move(first, "suspend").Body, version)
		w.now(time.Hour)
		version["voucherLifespan"] = 60.0
		version["dailyCallsPerConsumer"] = 20.0
		version["dailyCallsTotal"] = 200.0
		wantBody(w, w.Want(w.call("PATCH", first+"/quotas", `{"voucherLifespan":60,"dailyCallsPerConsumer":20,"dailyCallsTotal":200}`),
			200).Body, version)
		delete(version, "suspendedAt")
		version["state"] = "PUBLISHED"
		wantBody(w, w.move(first, "unsuspend").Body, version)
		wantBody(w, w.As(reader, "GET", first, "").Body, version)

		second := w.draft(path)
		if got := w.states(producer, path); !slices.Equal(got, []string{"1 PUBLISHED", "2 DRAFT"}) {
			w.Errorf("the producer sees %v", got)
		}
		if got := w.states(reader, path); !slices.Equal(got, []string{"1 PUBLISHED"}) {
			w.Errorf("others see %v", got)
		}
		w.Refused(w.As(reader, "GET", second, ""), interop.DescriptorUnknown)
		w.Want(w.call("PATCH", second, `{"description":"Second version","audience":["two"],"agreementApprovalPolicy":"MANUAL"}`), 200)
		version["state"], version["archivedAt"] = "ARCHIVED", w.now(time.Hour)
		published := w.move(second, "publish")
		interoptest.Equal(w.TB, "publishedAt", published.Body["publishedAt"], version["archivedAt"])
		interoptest.Equal(w.TB, "version", published.Text("version"), "2")
		interoptest.Equal(w.TB, "agreementApprovalPolicy", published.Text("agreementApprovalPolicy"), "MANUAL")
		interoptest.Equal(w.TB, "description", published.Text("description"), "Second version")
		wantBody(w, w.call("GET", first, "").Body, version)

		w.Want(w.call("PATCH", path+"/name", `{"name":"Anagrafe nazionale"}`), 200)
		w.Want(w.call("PATCH", path+"/description", `{"description":"Another description"}`), 200)
		w.Want(w.call("PATCH", path+"/signalHub", `{"isSignalHubEnabled":true}`), 200)
		w.Want(w.call("PATCH", path+"/delegation", `{"isClientAccessDelegable":true}`), 200)
		wantBody(w, w.As(reader, "GET", path, "").Body, object{
			"id": idOf(path), "producerId": producer.Subject, "name": "Anagrafe nazionale", "description": "Another description",
			"technology": "REST", "mode": "DELIVER",
			"personalData": true, "isSignalHubEnabled": true, "isConsumerDelegable": true, "isClientAccessDelegable": true,
			"latestDescriptor": object{"id": strings.Split(second, "/")[4], "version": "2", "state": "PUBLISHED"},
		})
		w.audit(path)
	})
}

// TestVersionNumbers deletes drafts, which frees their numbers, and an e-service with its
// drafts.
func TestVersionNumbers(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path, first := w.create(nil)
		if res := w.Want(w.call("DELETE", path, ""), http.StatusOK); res.Raw != "{}\n" {
			w.Errorf("a deletion is answered %q", res.Raw)
		}
		w.Refused(w.call("GET", path, ""), interop.EServiceNotFound)
		w.Refused(w.call("GET", first, ""), interop.EServiceNotFound)
		public, _ := w.public(nil)
		second := w.draft(public)
		if res := w.Want(w.call("DELETE", second, ""), http.StatusOK); res.Raw != "{}\n" {
			w.Errorf("a deletion is answered %q", res.Raw)
		}
		w.Refused(w.call("GET", second, ""), interop.DescriptorUnknown)
		w.draft(public)
		for _, gone := range []string{first, second} {
			if left := w.Items("DESCRIPTOR#" + interoptest.LastID(gone)); len(left) > 0 {
				w.Errorf("of what is deleted there is %v", left)
			}
		}
		if got := w.states(producer, public); !slices.Equal(got, []string{"1 PUBLISHED", "2 DRAFT"}) {
			w.Errorf("the versions are %v", got)
		}
		w.audit(path, public)
	})
}

// TestDescriptorsAreInOrder publishes more versions than have one digit, and
// reads them by pages and states.
func TestDescriptorsAreInOrder(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path, _ := w.public(nil)
		for range 10 {
			w.move(w.draft(path), "publish")
		}
		last := w.draft(path)
		all := interoptest.Results(w.call("GET", path+"/descriptors?limit=50", ""))
		for query, want := range map[string][]string{
			"?limit=2": {"1", "2"}, "?offset=8&limit=2": {"9", "10"}, "?offset=10": {"11", "12"}, "?offset=12": nil, "?offset=13&limit=1": nil,
			"?state=PUBLISHED": {"11"}, "?state=DRAFT": {"12"}, "?state=ARCHIVED&offset=9": {"10"},
			"?state=SUSPENDED": nil, "?state=WAITING_FOR_APPROVAL": nil,
			"?state=": strings.Fields("1 2 3 4 5 6 7 8 9 10 11 12"),
		} {
			res := w.Want(w.call("GET", path+"/descriptors"+query, ""), http.StatusOK)
			var got []string
			for _, d := range interoptest.Results(res) {
				got = append(got, d["version"].(string))
			}
			if !slices.Equal(got, want) {
				w.Errorf("%s lists %v, want %v", query, got, want)
			}
		}
		if len(all) != 12 {
			w.Errorf("%d descriptors", len(all))
		}
		for query, total := range map[string]float64{"": 11, "?state=DRAFT": 0, "?offset=99": 11, "?state=ARCHIVED&limit=1": 10} {
			res := w.Want(w.As(other, "GET", path+"/descriptors"+query, ""), http.StatusOK)
			if page, _ := res.Body["pagination"].(object); page["totalCount"] != total {
				w.Errorf("%s: others see %v of %v", query, res.Body["pagination"], total)
			}
		}
		w.Refused(w.As(other, "GET", last, ""), interop.DescriptorUnknown)
		w.audit(path)
	})
}

// now moves the clock and returns its time as answers have it.
func (w *world) now(later time.Duration) string {
	w.Clock.Advance(later)
	return w.Clock.Now().Format("2006-01-02T15:04:05.000Z")
}

func wantBody(w *world, got, want object) {
	w.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		w.Errorf("body (-want +got):\n%s", diff)
	}
}
