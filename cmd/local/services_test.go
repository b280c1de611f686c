package main

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/host"
	"ciclo/shared/platform/testing/engine"
)

// furnished gives a storage places for logos and secrets, as openStorage does.
func furnished(t *testing.T, store *storage) *storage {
	t.Helper()
	store.close = func() error { return nil }
	if err := store.openFiles(t.TempDir()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

const servicesPath = "/api/v1/manage/services"

// anagrafe is a service that a review finds nothing wrong with.
const anagrafe = `{"name":"Anagrafe","description":"Certificati","organization":{"name":"Comune","fiscal_code":"12345678901"},
	"metadata":{"scope":"LOCAL","privacy_url":"https://example.it/privacy","email":"ufficio@example.it","topic_id":3}}`

// with is the sandbox called with the key that /_local/key answers to a query.
func (c client) with(t *testing.T, query string) client {
	t.Helper()
	return client{url: c.url, key: c.call(t, 200, "GET", "/_local/key?"+query, "")}
}

// member returns a member of a JSON object.
func member(t *testing.T, body, name string) string {
	t.Helper()
	var object map[string]any
	if err := json.Unmarshal([]byte(body), &object); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return fmt.Sprint(object[name])
}

// TestServiceStory publishes a service with nothing but what the sandbox gives.
func TestServiceStory(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, c client) {
		owner, reviewer := c.with(t, "owner=comune"), c.with(t, "owner=platform&role=reviewer")
		id := member(t, owner.call(t, 201, "POST", servicesPath, anagrafe), "id")
		path := servicesPath + "/" + id
		owner.call(t, 204, "PUT", path+"/review", `{"auto_publish":false}`)
		if body := reviewer.call(t, 200, "GET", "/api/v1/manage/reviews", ""); !strings.Contains(body, id) {
			t.Errorf("the queue is %s", body)
		}
		owner.call(t, 403, "POST", path+"/review/approve", "")
		reviewer.call(t, 403, "POST", servicesPath, anagrafe)
		reviewer.call(t, 204, "POST", path+"/review/approve", "")
		owner.call(t, 204, "POST", path+"/release", "")
		release := owner.call(t, 200, "GET", path+"/release", "")
		if member(t, release, "status") != "published" || member(t, release, "name") != "Anagrafe" {
			t.Errorf("release = %s", release)
		}
		if body := owner.call(t, 200, "GET", servicesPath, ""); !strings.Contains(body, `"count":1`) || !strings.Contains(body, "Anagrafe") {
			t.Errorf("list = %s", body)
		}
		// The key of a service is for messages, and for what every key may read.
		service := client{url: c.url, key: member(t, owner.call(t, 200, "GET", path+"/keys", ""), "primary_key")}
		service.call(t, 403, "GET", path, "")
		service.call(t, 200, "GET", servicesPath+"/topics", "")
		renewed := client{url: c.url, key: member(t, owner.call(t, 200, "PUT", path+"/keys/primary", ""), "primary_key")}
		service.call(t, 401, "GET", servicesPath+"/topics", "")
		renewed.call(t, 200, "GET", servicesPath+"/topics", "")
		owner.call(t, 204, "DELETE", path, "")
		renewed.call(t, 401, "GET", servicesPath+"/topics", "")
		owner.call(t, 200, "GET", path, "")
	})
}

func TestKeys(t *testing.T) {
	t.Parallel()
	c := open(t, embedded(t))
	owner, group := c.with(t, "owner=comune"), c.with(t, "owner=comune&group=tributi")
	if again := c.with(t, "owner=comune"); again.key != owner.key || !strings.HasPrefix(owner.key, "MANAGE-comune.") {
		t.Errorf("the owner's key is %q, then %q", owner.key, again.key)
	}
	if !strings.HasPrefix(group.key, "MANAGE-GROUP-tributi.") {
		t.Errorf("the group's key is %q", group.key)
	}
	ours := servicesPath + "/" + member(t, owner.call(t, 201, "POST", servicesPath, anagrafe), "id")
	tributi := strings.Replace(anagrafe, "Anagrafe", "Tributi", 1)
	theirs := servicesPath + "/" + member(t, group.call(t, 201, "POST", servicesPath, tributi), "id")
	group.call(t, 403, "GET", ours, "")
	owner.call(t, 200, "GET", theirs, "")
	c.with(t, "owner=altro").call(t, 403, "GET", ours, "")

	// Calls come from this machine.
	c.with(t, "owner=comune&cidr=192.0.2.0/24&cidr=198.51.100.7").call(t, 403, "GET", ours, "")
	owner.call(t, 403, "GET", ours, "") // it is the same key
	c.with(t, "owner=comune&cidr=192.0.2.0/24&cidr=127.0.0.0/8&cidr=::1").call(t, 200, "GET", ours, "")
	c.with(t, "owner=comune&cidr=192.0.2.0/24").call(t, 403, "GET", ours, "")
	c.with(t, "owner=comune").call(t, 403, "GET", ours, "")
	c.with(t, "owner=comune&cidr=any").call(t, 200, "GET", ours, "")

	for _, query := range []string{
		"", "owner=", "group=g", "owner=a.b", "owner=GROUP-tributi", "owner=altro&group=tributi",
		"owner=comune&role=admin", "owner=comune&cidr=here", "owner=comune&cidr=",
	} {
		if body := c.call(t, 400, "GET", "/_local/key?"+query, ""); !strings.HasPrefix(body, "Say for whom: /_local/key?owner=") {
			t.Errorf("/_local/key?%s = %s", query, body)
		}
	}
	c.call(t, 404, "POST", "/_local/key?owner=comune", "")
}

// ask answers a request by the sandbox itself, for what a client does not tell.
func ask(t *testing.T, box http.Handler, method, path, body string, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	req := httptest.NewRequestWithContext(t.Context(), method, path, strings.NewReader(body))
	req.Host = "localhost:3000"
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	rec := httptest.NewRecorder()
	box.ServeHTTP(rec, req)
	return rec
}

// TestCredentialsOfTheOtherProduct: each product has its authorizer.
func TestCredentialsOfTheOtherProduct(t *testing.T) {
	t.Parallel()
	box, err := newSandbox(embedded(t), "http://localhost:3000", nothing, quiet())
	if err != nil {
		t.Fatal(err)
	}
	answer := ask(t, box, "GET", "/_local/key?owner=comune", "")
	key, token := answer.Body.String(), ask(t, box, "GET", "/_local/token?issuerId=ISSUER-001", "").Body.String()
	if kind := answer.Header().Get("Content-Type"); kind != "text/plain; charset=utf-8" || strings.TrimSpace(key) != key {
		t.Errorf("/_local/key = %s %q", kind, key)
	}
	for _, tc := range []struct {
		path   string
		header []string
		want   string
	}{
		{servicesPath, []string{api.KeyHeader, key}, "200 "},
		{servicesPath, []string{api.KeyHeader, key, "Authorization", "Bearer " + token}, "200 "},
		{servicesPath, []string{"Authorization", "Bearer " + token}, "401 Subscription-Key"},
		{servicesPath, []string{"Authorization", "Bearer " + key}, "401 Subscription-Key"},
		{servicesPath, []string{"Authorization", key}, "401 Subscription-Key"},
		{servicesPath, []string{api.KeyHeader, token}, "401 Subscription-Key"},
		{servicesPath, []string{api.KeyHeader, key[:len(key)-1]}, "401 Subscription-Key"},
		{servicesPath, nil, "401 Subscription-Key"},
		{servicesPath + "?subscription-key=" + url.QueryEscape(key), nil, "401 Subscription-Key"},
		{ann + "/operations", []string{"Authorization", "Bearer " + token}, "200 "},
		{ann + "/operations", []string{api.KeyHeader, key}, "401 Bearer"},
		{ann + "/operations", []string{"Authorization", "Bearer " + key}, `401 Bearer error="invalid_token"`},
		{ann + "/operations", []string{"Authorization", "bearer " + token + "x"}, `401 Bearer error="invalid_token"`},
		{ann + "/operations", []string{"Authorization", token}, "401 Bearer"},
		{ann + "/operations", []string{"Authorization", "Bearer "}, "401 Bearer"},
		{ann + "/operations", []string{"Authorization", "Basic eDp5"}, "401 Bearer"},
		{ann + "/operations", nil, "401 Bearer"},
		{ann + "/operations", []string{api.KeyHeader, token}, "401 Bearer"},
		// Anybody may ask, with whatever.
		{"/api/v1/manage/info", nil, "200 "},
		{"/api/v1/manage/info", []string{api.KeyHeader, "garbage"}, "200 "},
		{"/api/v1/manage/info", []string{"Authorization", "Bearer " + token}, "200 "},
	} {
		res := ask(t, box, "GET", tc.path, "", tc.header...)
		if got := fmt.Sprint(res.Code, " ", res.Header().Get("WWW-Authenticate")); got != tc.want {
			t.Errorf("GET %s with %v = %s, want %s\n%s", tc.path, tc.header, got, tc.want, res.Body)
		}
		if manages := strings.HasPrefix(tc.path, servicesPath); res.Code == 401 && strings.Contains(res.Body.String(), "KEY_INVALID") != manages {
			t.Errorf("GET %s with %v = %s", tc.path, tc.header, res.Body)
		}
	}
}

func logo(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, 3, 2))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestDataDirKeepsLogosAndKeys(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	var key, path, keys string
	picture := logo(t)
	for run := range 3 {
		store, err := openStorage(t.Context(), settings("DATA_DIR", dir))
		if err != nil {
			t.Fatal(err)
		}
		box, err := newSandbox(store, "http://localhost:3000", nothing, quiet())
		if err != nil {
			t.Fatal(err)
		}
		mine := func(status int, method, path, body string) string {
			t.Helper()
			res := ask(t, box, method, path, body, api.KeyHeader, key)
			if res.Code != status {
				t.Fatalf("run %d: %s %s = %d %s", run, method, path, res.Code, res.Body)
			}
			return res.Body.String()
		}
		if run == 0 {
			key = mine(200, "GET", "/_local/key?owner=comune", "")
			path = servicesPath + "/" + member(t, mine(201, "POST", servicesPath, anagrafe), "id")
			mine(204, "PUT", path+"/logo", fmt.Sprintf(`{"logo":%q}`, base64.StdEncoding.EncodeToString(picture)))
			keys = mine(200, "GET", path+"/keys", "")
		}
		if got := mine(200, "GET", path+"/logo", ""); got != string(picture) {
			t.Errorf("run %d: the logo is %q", run, got)
		}
		if got := mine(200, "GET", path+"/keys", ""); got != keys {
			t.Errorf("run %d: the service's keys are %s, before %s", run, got, keys)
		}
		if got := mine(200, "GET", "/_local/key?owner=comune", ""); got != key {
			t.Errorf("run %d: the owner's key is %s, before %s", run, got, key)
		}
		if err := store.close(); err != nil {
			t.Fatal(err)
		}
	}
}

// TestBrokenStorage: what the authorizer cannot find out is not the caller's fault.
func TestBrokenStorage(t *testing.T) {
	t.Parallel()
	db := engine.Bolt(t, catalog.Schemas())
	var log bytes.Buffer
	box, err := newSandbox(furnished(t, &storage{db: db, feed: db}), "http://localhost:3000", nothing, host.NewLogger(&log, nothing))
	if err != nil {
		t.Fatal(err)
	}
	key := ask(t, box, "GET", "/_local/key?owner=comune", "").Body.String()
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		path, key string
		status    int
		logged    string
	}{
		{servicesPath, key, 500, `"message":"authorizer","error":"table get`},
		{"/api/v1/manage/info", key, 200, `"status":200`}, // public: no authorizer runs
		{"/_local/key?owner=comune", "", 500, `"message":"key","error":"table get`},
		// Nothing to look up.
		{servicesPath, "", 401, `"problem":"KEY_INVALID"`},
		{servicesPath, "garbage", 401, `"refusal":"malformed"`},
		{"/api/v1/manage/info", "", 200, `"status":200`},
	} {
		log.Reset()
		res := ask(t, box, "GET", tc.path, "", api.KeyHeader, tc.key)
		if res.Code != tc.status || !strings.Contains(log.String(), tc.logged) {
			t.Errorf("GET %s with key %q = %d %s, want %d; log %s", tc.path, tc.key, res.Code, res.Body, tc.status, log.String())
		}
		if _, secret, _ := strings.Cut(key, "."); strings.Contains(log.String()+res.Body.String(), secret) {
			t.Errorf("GET %s tells the key: %s %s", tc.path, res.Body, log.String())
		}
	}
}
