package walk_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/interop/voucher"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/jose"
	"ciclo/shared/platform/testing/apitest"
)

// TestSignedAnswers sends every operation of the interop product its event's request, and
// requests that it refuses, in every edition. A client that verifies by the JWKS accepts the
// digest and the signature of each answer of a signed edition, and those of v2 and of what is
// public have none.
func TestSignedAnswers(t *testing.T) {
	t.Parallel()
	everyOperation(t, func(s api.Spec) bool { return s.Product == interop.Product || s.Product == voucher.Authorization }, func(w *world) {
		spec := w.request.spec
		for _, base := range []string{"", "/v3", "/v2"} {
			if slices.Contains(spec.Without, "v3") && base == "/v3" {
				continue // which does not have it
			}
			w.restore()
			h := w.signing()
			signed := spec.Product == interop.Product && !spec.Public && base != "/v2"
			caller := api.Identity{}
			if w.request.caller != nil {
				caller = *w.request.caller
			}
			caller.Client = "client-1"
			another := caller
			another.Scopes = nil
			for _, sent := range []struct {
				what   string
				path   string
				caller *api.Identity
				status int // 0 for any
			}{
				{"without a credential", w.request.path, nil, map[bool]int{true: http.StatusUnauthorized}[signed]},
				{"unreadable", apitest.Unreadable(w.request.path), &caller, 0},
				{"without a role", w.request.path, &another, 0},
				{"the event", w.request.path, &caller, map[string]int{"": spec.Status}[base]},
			} {
				res := w.call(h, base, sent.path, sent.caller)
				if sent.status != 0 && res.Code != sent.status {
					w.Errorf("%s%s = %d, want %d: %s", base, sent.what, res.Code, sent.status, res.Body)
				}
				client := ""
				if sent.caller != nil {
					client = sent.caller.Client
				}
				w.checkSignature(h, base+" "+sent.what, res, signed, client)
			}
		}
	})
}

// signing returns the handler of the operation and of the JWKS in a deployment that signs.
func (w *world) signing() http.Handler {
	w.Helper()
	deps := w.Deps()
	deps.Integrity = interop.Product.Integrity(deps)
	ops := []api.Op{w.op}
	if w.request.spec.ID != voucher.Keys.Describe().ID {
		ops = append(ops, voucher.Keys)
	}
	h, err := api.NewHandler(deps, ops...)
	if err != nil {
		w.Fatal(err)
	}
	return h
}

// call sends the operation's request to an edition.
func (w *world) call(h http.Handler, base, path string, caller *api.Identity) *httptest.ResponseRecorder {
	w.Helper()
	ctx := api.WithBase(w.T.Context(), base)
	if caller != nil {
		ctx = api.WithIdentity(ctx, *caller)
	}
	r := httptest.NewRequestWithContext(ctx, w.request.spec.Method, path, strings.NewReader(w.request.body))
	if w.request.body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(w.request.header); i += 2 {
		r.Header.Set(w.request.header[i], w.request.header[i+1])
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec
}

// checkSignature checks the two headers of an answer as a client does.
func (w *world) checkSignature(h http.Handler, what string, res *httptest.ResponseRecorder, signed bool, client string) {
	w.Helper()
	digest, signature := res.Header().Get("Digest"), res.Header().Get("Agid-JWT-Signature")
	if !signed {
		if digest+signature != "" {
			w.Errorf("%s = %d is signed: %s %s", what, res.Code, digest, signature)
		}
		return
	}
	sum := sha256.Sum256(res.Body.Bytes())
	if digest != "SHA-256="+base64.StdEncoding.EncodeToString(sum[:]) {
		w.Errorf("%s = %d has the digest %q", what, res.Code, digest)
	}
	var claims struct {
		jwt.RegisteredClaims

		Headers []map[string]string `json:"signed_headers"`
		Client  string              `json:"client_id"`
	}
	_, err := jwt.ParseWithClaims(signature, &claims, w.published(h), jwt.WithTimeFunc(w.Clock.Now), jwt.WithExpirationRequired())
	if err != nil {
		w.Errorf("%s = %d has the signature %q: %v", what, res.Code, signature, err)
	}
	want := []map[string]string{
		{"digest": digest}, {"x-correlation-id": res.Header().Get("X-Correlation-Id")}, {"content-type": res.Header().Get("Content-Type")},
	}
	if diff := cmp.Diff(want, claims.Headers); diff != "" || claims.Client != client {
		w.Errorf("%s = %d is signed for client %q, want %q (-sent +signed):\n%s", what, res.Code, claims.Client, client, diff)
	}
}

// published returns the keys of the JWKS that the handler has.
func (w *world) published(h http.Handler) jwt.Keyfunc {
	return func(token *jwt.Token) (any, error) {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequestWithContext(w.T.Context(), http.MethodGet, "/.well-known/jwks.json", http.NoBody))
		var set jose.Set
		if err := json.Unmarshal(rec.Body.Bytes(), &set); err != nil {
			return nil, err
		}
		known := map[any]any{}
		for _, k := range set.Keys {
			known[k.ID] = k.Public()
		}
		if known[token.Header["kid"]] == nil {
			w.Errorf("the JWKS has %v, not %v", slices.Collect(maps.Keys(known)), token.Header["kid"])
		}
		return known[token.Header["kid"]], nil
	}
}
