package auth_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ciclo/shared/auth"
)

func environment(changes map[string]string) func(string) string {
	env := map[string]string{"ISSUER_URL": issuer, "JWKS_URL": jwksURL, "AUDIENCE": audience, "PREWARM": "off"}
	maps.Copy(env, changes)
	return func(name string) string { return env[name] }
}

func TestFromEnv(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		changes map[string]string
		want    []string // parts of the error; none for success
	}{
		"complete":          {nil, nil},
		"http on localhost": {map[string]string{"JWKS_URL": "http://localhost:8080/jwks"}, nil},
		"http on 127.0.0.1": {map[string]string{"JWKS_URL": "http://127.0.0.1/jwks"}, nil},
		"http on ::1":       {map[string]string{"JWKS_URL": "http://[::1]:8080/jwks"}, nil},
		"no issuer":         {map[string]string{"ISSUER_URL": ""}, []string{"ISSUER_URL"}},
		"no keys":           {map[string]string{"JWKS_URL": ""}, []string{"JWKS_URL"}},
		"no audience":       {map[string]string{"AUDIENCE": ""}, []string{"AUDIENCE"}},
		"http":              {map[string]string{"JWKS_URL": "http://issuer.example/jwks"}, []string{"JWKS_URL", "https"}},
		"http, localhost.":  {map[string]string{"JWKS_URL": "http://localhost.issuer.example/jwks"}, []string{"JWKS_URL", "https"}},
		"http, user":        {map[string]string{"JWKS_URL": "http://localhost@issuer.example/jwks"}, []string{"JWKS_URL", "https"}},
		"file":              {map[string]string{"JWKS_URL": "file://localhost/jwks"}, []string{"JWKS_URL", "https"}},
		"no scheme":         {map[string]string{"JWKS_URL": "issuer.example/jwks"}, []string{"JWKS_URL", "absolute"}},
		"no host":           {map[string]string{"JWKS_URL": "https:///jwks"}, []string{"JWKS_URL", "absolute"}},
		"no URL":            {map[string]string{"JWKS_URL": "https://issuer example"}, []string{"JWKS_URL", "absolute"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b, err := auth.FromEnv(environment(tc.changes), nil)
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
	complete := auth.Config{Issuer: issuer, JWKSURL: jwksURL, Audience: audience, Now: time.Now}
	for name, change := range map[string]func(*auth.Config){
		"issuer":   func(c *auth.Config) { c.Issuer = "" },
		"keys":     func(c *auth.Config) { c.JWKSURL = "" },
		"audience": func(c *auth.Config) { c.Audience = "" },
		"clock":    func(c *auth.Config) { c.Now = nil },
	} {
		c := complete
		change(&c)
		if _, err := auth.New(c); err == nil {
			t.Errorf("accepted without %s", name)
		}
	}
	if _, err := auth.New(complete); err != nil {
		t.Error(err)
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
	b, err := auth.FromEnv(environment(changes), nil)
	if err != nil {
		t.Fatal(err)
	}
	if got := <-fetches; got != "GET /keys close=true" {
		t.Errorf("fetched by %q", got)
	}
	now := time.Now()
	token := es256(head(nil), claims(set{"iat": now.Unix(), "exp": now.Add(time.Minute).Unix()}))
	if _, err := b.Authenticate(t.Context(), "Bearer "+token); err != nil {
		t.Error(err)
	}
	if n := len(fetches); n != 0 {
		t.Errorf("%d more fetches", n)
	}
	changes["PREWARM"] = "off"
	if _, err := auth.FromEnv(environment(changes), nil); err != nil || len(fetches) != 0 {
		t.Errorf("%d fetches with PREWARM=off, error %v", len(fetches), err)
	}
}
