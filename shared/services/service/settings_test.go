package service_test

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/services"
	"ciclo/shared/services/service"
	"ciclo/shared/services/servicestest"
)

// TestTrustedOwners reviews services of an owner with several values of the setting.
func TestTrustedOwners(t *testing.T) {
	t.Parallel()
	eachEmbedded(t, func(w *world) {
		for setting, want := range map[string]string{
			"":                  "submitted",
			"owner-1":           "approved",
			"*":                 "approved",
			"owner-2, owner-1":  "approved",
			"owner-2 owner-1 x": "approved",
			"owner-2,*":         "approved",
			"owner-2":           "submitted",
			"owner":             "submitted",
			"owner-10":          "submitted",
			"OWNER-1":           "submitted",
		} {
			at := w.with(map[string]string{service.TrustedOwnersSetting: setting})
			if got := at.review(w.create(w.fresh())); got.state != want {
				w.Errorf("with %s=%q a service is %s, want %s", service.TrustedOwnersSetting, setting, got.state, want)
			}
			// A trusted owner needs no reviewer, but keeps the rules.
			if got := at.review(w.create(complete(map[string]any{"metadata.privacy_url": nil}))); got.state != "rejected" {
				w.Errorf("with %s=%q a bad service is %s", service.TrustedOwnersSetting, setting, got.state)
			}
		}
	})
}

// TestRelaxedServices reviews services that lack fields with several values of the setting.
func TestRelaxedServices(t *testing.T) {
	t.Parallel()
	eachEmbedded(t, func(w *world) {
		lacking := func(changes map[string]any) string {
			all := map[string]any{"name": fmt.Sprint(unique.Add(1)), "metadata.privacy_url": nil, "metadata.email": nil}
			maps.Copy(all, changes)
			return w.create(complete(all))
		}
		for _, c := range []struct {
			why, list string
			changes   map[string]any
			fields    string
		}{
			{"nothing needed", "%s", nil, "[]"},
			{"one of several", "x, %s y", nil, "[]"},
			{"another service", "x", nil, "[metadata.privacy_url metadata.email]"},
			{
				"formats", "%s",
				map[string]any{"metadata.privacy_url": "x", "metadata.email": "x", "authorized_cidrs": []string{"1.2.3.256"}},
				"[metadata.privacy_url metadata.email authorized_cidrs[0]]",
			},
			{"another contact", "%s", map[string]any{"metadata.pec": "x"}, "[metadata.pec]"},
		} {
			path := lacking(c.changes)
			at := w.with(map[string]string{service.RelaxedServicesSetting: strings.ReplaceAll(c.list, "%s", idOf(path))})
			if got := at.review(path); fmt.Sprint(got.fields()) != c.fields || (got.state == "submitted") != (c.fields == "[]") {
				w.Errorf("%s is %+v, want findings for %s", c.why, got, c.fields)
			}
		}
	})
}

// TestTopics chooses topics that exist and others.
func TestTopics(t *testing.T) {
	t.Parallel()
	eachEmbedded(t, func(w *world) {
		path := w.create(w.fresh())
		for _, c := range []struct {
			id   any
			want problem.Code
		}{
			{0, fine},
			{17, fine},
			{3.0, fine},
			{nil, fine}, // clients from before topics leave it out
			{18, services.TopicUnknown},
			{-1, services.TopicUnknown},
			{1.5, services.TopicUnknown},
			{0.5, services.TopicUnknown},
			{1e300, services.TopicUnknown},
			{-1e300, services.TopicUnknown},
			{9.3e18, services.TopicUnknown},
			{1.8446744073709552e19, services.TopicUnknown}, // 0 in 64 bits
			{"3", services.RequestInvalid},
			{true, services.RequestInvalid},
			{[]int{3}, services.RequestInvalid},
		} {
			body := complete(map[string]any{"metadata.topic_id": c.id})
			for _, at := range []struct{ method, path string }{{"POST", "/services"}, {"PUT", path}} {
				res := w.call(at.method, at.path, body)
				metadata, _ := res.Body["metadata"].(map[string]any)
				topic, _ := metadata["topic"].(map[string]any)
				switch {
				case c.want == fine && (res.Status >= 300 || fmt.Sprint(topic["id"]) != fmt.Sprint(c.id)):
					w.Errorf("%s with topic %v = %d\n%s", at.method, c.id, res.Status, res.Raw)
				case c.want != fine && (res.Status != http.StatusBadRequest || servicestest.CodeOf(res) != c.want.Name):
					w.Errorf("%s with topic %v = %d, want %v\n%s", at.method, c.id, res.Status, c.want, res.Raw)
				case c.want == services.TopicUnknown && res.Text("title")+": "+res.Text("detail") != "Bad Request: Provided topic_id does not exists":
					w.Errorf("%s with topic %v is refused in other words:\n%s", at.method, c.id, res.Raw)
				}
			}
		}
	})
}

// TestRetiredTopics retires a topic that services have: they can still be read, and no
// service can choose the topic.
func TestRetiredTopics(t *testing.T) {
	t.Parallel()
	eachEmbedded(t, func(w *world) {
		draft := w.create(w.fresh())
		live := w.create(w.fresh())
		w.submit(live, true)
		w.decide(live, "approve")
		w.submit(draft, true)
		at := w.with(map[string]string{service.RetiredTopicsSetting: "17, 3,"})
		for _, path := range []string{draft, live, live + "/release", live + "/history", "/services"} {
			res := at.Want(at.call("GET", path, ""), http.StatusOK)
			if !strings.Contains(res.Raw, `"topic":{"id":3,"name":"Benessere sociale"}`) {
				w.Errorf("GET %s lacks the topic:\n%s", path, res.Raw)
			}
		}
		at.Want(at.As(reviewer, "GET", "/reviews", ""), http.StatusOK)
		at.decide(draft, "approve")
		for _, topics := range []struct {
			at    *world
			count int
		}{{w, 18}, {at, 16}} {
			list, _ := topics.at.Want(topics.at.call("GET", "/services/topics", ""), http.StatusOK).Body["topics"].([]any)
			for _, entry := range list {
				if topic, _ := entry.(map[string]any); topics.at == at && (topic["id"] == 3.0 || topic["id"] == 17.0) {
					w.Errorf("the topics have the retired %v", topic)
				}
			}
			if len(list) != topics.count {
				w.Errorf("there are %d topics, want %d", len(list), topics.count)
			}
		}
		for _, r := range []struct{ method, path string }{{"POST", "/services"}, {"PUT", live}} {
			at.Refused(at.call(r.method, r.path, w.fresh()), services.TopicUnknown)
		}
		at.Want(at.call("PUT", live, complete(map[string]any{"metadata.topic_id": 4})), http.StatusOK)
	})
}

// TestSettingsAreRefused starts deployments with settings that are not valid.
func TestSettingsAreRefused(t *testing.T) {
	t.Parallel()
	eachEmbedded(t, func(w *world) {
		for setting, ok := range map[string]bool{
			"": true, "0": true, " 0 , 17 ,": true, ",": true,
			"18": false, "-1": false, "x": false, "1.5": false, "3;4": false, "3 4": false,
		} {
			w.Settings[service.RetiredTopicsSetting] = setting
			_, err := api.NewHandler(w.Deps(), service.Operations()...)
			if (err == nil) != ok || !ok && !strings.Contains(err.Error(), service.RetiredTopicsSetting) {
				w.Errorf("%s=%q: %v", service.RetiredTopicsSetting, setting, err)
			}
		}
		delete(w.Settings, service.RetiredTopicsSetting)
	})
}
