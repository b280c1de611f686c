package auth_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ciclo/shared/platform/auth"
)

func environment(changes map[string]string) func(string) string {
	env := map[string]string{"ISSUER_URL": issuer, "JWKS_URL": jwksURL, "AUDIENCE": audience, "PREWARM": "off"}
	maps.Copy(env, changes)
	return func(name string) string { return env[name] }
}

// owning is the environment of a deployment that issues tokens too, with changes.
func owning(changes map[string]string) map[string]string {
	env := map[string]string{"SIGN_ISSUER": ownIssuer, "SIGN_JWKS": keys().published, "SIGN_AUDIENCE": "own"}
	maps.Copy(env, changes)
	return env
}

func TestFromEnv(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		changes map[string]string
		want    []string // parts of the error; none for success
	}{
		"complete":           {nil, nil},
		"http on localhost":  {map[string]string{"JWKS_URL": "http://localhost:8080/jwks"}, nil},
		"http on 127.0.0.1":  {map[string]string{"JWKS_URL": "http://127.0.0.1/jwks"}, nil},
		"http on ::1":        {map[string]string{"JWKS_URL": "http://[::1]:8080/jwks"}, nil},
		"no issuer":          {map[string]string{"ISSUER_URL": ""}, []string{"ISSUER_URL"}},
		"no keys":            {map[string]string{"JWKS_URL": ""}, []string{"JWKS_URL"}},
		"no audience":        {map[string]string{"AUDIENCE": ""}, []string{"AUDIENCE"}},
		"http":               {map[string]string{"JWKS_URL": "http://issuer.example/jwks"}, []string{"JWKS_URL", "https"}},
		"http, localhost.":   {map[string]string{"JWKS_URL": "http://localhost.issuer.example/jwks"}, []string{"JWKS_URL", "https"}},
		"http, user":         {map[string]string{"JWKS_URL": "http://localhost@issuer.example/jwks"}, []string{"JWKS_URL", "https"}},
		"file":               {map[string]string{"JWKS_URL": "file://localhost/jwks"}, []string{"JWKS_URL", "https"}},
		"no scheme":          {map[string]string{"JWKS_URL": "issuer.example/jwks"}, []string{"JWKS_URL", "absolute"}},
		"no host":            {map[string]string{"JWKS_URL": "https:///jwks"}, []string{"JWKS_URL", "absolute"}},
		"no URL":             {map[string]string{"JWKS_URL": "https://issuer example"}, []string{"JWKS_URL", "absolute"}},
		"own issuer":         {owning(nil), nil},
		"no own issuer":      {owning(map[string]string{"SIGN_ISSUER": ""}), nil},
		"no own keys":        {owning(map[string]string{"SIGN_JWKS": ""}), nil},
		"no own audience":    {owning(map[string]string{"SIGN_AUDIENCE": ""}), []string{"SIGN_AUDIENCE is not set"}},
		"own keys alone":     {map[string]string{"SIGN_JWKS": keys().published}, nil},
		"own issuer alone":   {map[string]string{"SIGN_ISSUER": ownIssuer}, nil},
		"audience alone":     {map[string]string{"SIGN_AUDIENCE": audience}, nil},
		"own keys no JWKS":   {owning(map[string]string{"SIGN_JWKS": "x"}), []string{"SIGN_JWKS", "not a JWKS"}},
		"own is the other":   {owning(map[string]string{"SIGN_ISSUER": issuer}), []string{"SIGN_ISSUER", "twice"}},
		"d1 is the other":    {owning(map[string]string{"ISSUER_URL": ownIssuer + "/oauth2"}), []string{"SIGN_ISSUER", "twice"}},
		"own, no configured": {owning(map[string]string{"ISSUER_URL": ""}), []string{"ISSUER_URL"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, err := auth.FromEnv(environment(tc.changes), everybody(nil), nil)
			if (err == nil) != (tc.want == nil) || (b == nil) != (err != nil) {
				t.Fatalf("got %v and error %v", b, err)
			}
			for _, part := range tc.want {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("error %q lacks %q", err, part)
				}
			}
		})
	}
}

func TestNewRequiresEverything(t *testing.T) {
	t.Parallel()
	own := auth.Issuer{URL: ownIssuer, JWKS: []byte(keys().published), Audience: audience, Kinds: []string{"organization"}}
	for name, tc := range map[string]struct {
		change func(*auth.Config)
		want   string // in the error; empty for none
	}{
		"complete":           {func(*auth.Config) {}, ""},
		"no issuer":          {func(c *auth.Config) { c.Issuers = nil }, "an issuer and a clock"},
		"no clock":           {func(c *auth.Config) { c.Now = nil }, "an issuer and a clock"},
		"issuer's name":      {func(c *auth.Config) { c.Issuers[1].URL = "" }, "are required"},
		"audience":           {func(c *auth.Config) { c.Issuers[0].Audience = "" }, "are required"},
		"second audience":    {func(c *auth.Config) { c.Issuers[1].Audience = "" }, "are required"},
		"keys":               {func(c *auth.Config) { c.Issuers[0].JWKSURL = "" }, "are required"},
		"second keys":        {func(c *auth.Config) { c.Issuers[1].JWKS = nil }, "are required"},
		"two sources":        {func(c *auth.Config) { c.Issuers[1].JWKSURL = jwksURL }, "are required"},
		"empty keys":         {func(c *auth.Config) { c.Issuers[1].JWKS = []byte{} }, "not a JWKS"},
		"no usable key":      {func(c *auth.Config) { c.Issuers[1].JWKS = []byte(`{"keys":[]}`) }, "no usable key"},
		"one issuer twice":   {func(c *auth.Config) { c.Issuers[1].URL = issuer }, "an issuer twice"},
		"nobody":             {func(c *auth.Config) { c.Issuers[1].Kinds = nil }, "no kind of caller"},
		"two kinds":          {func(c *auth.Config) { c.Issuers[1].Kinds = []string{"organization", "issuer"} }, ""},
		"aggregators alone":  {func(c *auth.Config) { c.Issuers[1].Kinds = []string{"aggregator"} }, ""},
		"operators alone":    {func(c *auth.Config) { c.Issuers[1].Kinds, c.Issuers[1].Operator.Name = nil, "role" }, ""},
		"a URL of no scheme": {func(c *auth.Config) { c.Issuers[0].JWKSURL = "x" }, "absolute"},
	} {
		c := auth.Config{Issuers: []auth.Issuer{configured, own}, Kinds: everybody(nil).Kinds, Now: time.Now}
		tc.change(&c)
		b, err := auth.New(c)
		if (b == nil) != (tc.want != "") || (err == nil) != (tc.want == "") || err != nil && !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %v, %v, want an error with %q", name, b, err, tc.want)
		}
	}
}

func TestFromEnvFetchesKeysOverHTTP(t *testing.T) {
	t.Parallel()
	fetches := make(chan string, 2)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fetches <- fmt.Sprintf("%s %s close=%t", r.Method, r.URL.Path, r.Close)
		_, _ = w.Write([]byte(keys().published))
	}))
	t.Cleanup(server.Close)
	changes := map[string]string{"JWKS_URL": server.URL + "/keys", "PREWARM": ""}
	b, err := auth.FromEnv(environment(changes), everybody(nil), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := <-fetches; got != "GET /keys close=true" {
		t.Errorf("fetched by %q", got)
	}
	now := time.Now()
	token := es256(head(nil), payload(set{"iat": now.Unix(), "exp": now.Add(time.Minute).Unix()}))
	if _, err := b.Authenticate(t.Context(), "Bearer "+token); err != nil {
		t.Error(err)
	}
	if n := len(fetches); n != 0 {
		t.Errorf("%d more fetches", n)
	}
	changes["PREWARM"] = "off"
	if _, err := auth.FromEnv(environment(changes), everybody(nil), nil); err != nil || len(fetches) != 0 {
		t.Errorf("%d fetches with PREWARM=off, error %v", len(fetches), err)
	}
}
