package door_test

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"ciclo/shared/interop"
	"ciclo/shared/interop/client"
	"ciclo/shared/interop/door"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/auth"
	"ciclo/shared/platform/jose"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

const (
	issuer         = "https://api.example.it"
	audience       = "m2m"
	address        = "https://api.example.it/v3/eservices"
	organizationID = "00000000-0000-4000-8000-000000000001"
	clientID       = "00000000-0000-4000-9000-000000000001"
	adminID        = "00000000-0000-4000-a000-000000000001"
)

// object is a JSON object.
type object = map[string]any

// absent is the value of a member that is left out.
var absent = new(int)

// merged returns an object with the members of two, those of the second first.
func merged(o, changes object) object {
	all := object{}
	maps.Copy(all, o)
	maps.Copy(all, changes)
	return all
}

// changed is merged without the members that are absent.
func changed(o, changes object) object {
	all := merged(o, changes)
	maps.DeleteFunc(all, func(_ string, v any) bool { return v == any(absent) })
	return all
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// keyring has the keys of the issuer and of clients, made once because RSA takes its time.
type keyring struct {
	issuer, rsa     *rsa.PrivateKey
	ec, other, p384 *ecdsa.PrivateKey
}

var keys = sync.OnceValue(func() keyring {
	return keyring{
		issuer: must(rsa.GenerateKey(rand.Reader, 2048)), rsa: must(rsa.GenerateKey(rand.Reader, 2048)),
		ec: must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)), other: must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)),
		p384: must(ecdsa.GenerateKey(elliptic.P384(), rand.Reader)),
	}
})

// request is a request that comes in, before its faults.
type request struct {
	scheme string
	method string
	base   string
	urls   []string
	claims object        // changes of the token's
	head   object        // changes of the proof's header
	proof  object        // changes of the proof's claims
	key    crypto.Signer // of the proof
	pen    crypto.Signer // that signs the proof, nil for key

	header func(http.Header) // changes the headers at last
}

var jtis atomic.Int64

// bound returns a request with a token that is bound to a key on P-256, and its proof.
func bound() request {
	return request{
		scheme: "DPoP", method: "GET", base: "/v3", urls: []string{address}, key: keys().ec,
		proof: object{"jti": "jti " + strconv.FormatInt(jtis.Add(1), 10)},
	}
}

// unbound returns a request with a bearer token of a client.
func unbound() request {
	r := bound()
	r.scheme = "Bearer"
	r.claims = object{"cnf": absent}
	r.header = func(h http.Header) { h.Del("DPoP") }
	return r
}

func signed(header, claims object, key crypto.Signer) string {
	var method jwt.SigningMethod = jwt.SigningMethodRS256
	if ec, ok := key.(*ecdsa.PrivateKey); ok {
		method = map[string]jwt.SigningMethod{"P-256": jwt.SigningMethodES256, "P-384": jwt.SigningMethodES384}[ec.Params().Name]
	}
	t := jwt.NewWithClaims(method, jwt.MapClaims(claims))
	t.Header = changed(t.Header, header)
	return must(t.SignedString(key))
}

// jwk returns the members that a proof has of a key.
func jwk(key crypto.PublicKey) object {
	if ec, ok := key.(*ecdsa.PublicKey); ok {
		point := must(ec.Bytes())[1:]
		encode := base64.RawURLEncoding.EncodeToString
		return object{"kty": "EC", "crv": ec.Params().Name, "x": encode(point[:len(point)/2]), "y": encode(point[len(point)/2:])}
	}
	k, _ := jose.NewJWK(key)
	return object{"kty": "RSA", "n": k.N, "e": k.E}
}

// token returns the access token of the request.
func (r request) token(now time.Time) string {
	return signed(object{"kid": jose.Thumbprint(keys().issuer.Public()), "typ": "at+jwt"}, changed(object{
		"jti": "token", "iss": issuer, "aud": audience, "client_id": clientID, "sub": clientID, "iat": now.Unix(), "nbf": now.Unix(),
		"exp": now.Unix() + 60, "organizationId": organizationID, "role": "m2m-admin", "adminId": adminID,
		"cnf": object{"jkt": jose.Thumbprint(r.key.Public())},
	}, r.claims), keys().issuer)
}

// headers returns the headers of the request.
func (r request) headers(now time.Time) http.Header {
	token := r.token(now)
	hash := sha256.Sum256([]byte(token))
	pen := r.pen
	if pen == nil {
		pen = r.key
	}
	proof := signed(changed(object{"typ": "dpop+jwt", "jwk": jwk(r.key.Public())}, r.head), changed(object{
		"htm": r.method, "htu": address, "iat": now.Unix(), "ath": base64.RawURLEncoding.EncodeToString(hash[:]),
	}, r.proof), pen)
	h := http.Header{"Authorization": {r.scheme + " " + token}, "Dpop": {proof}}
	if r.header != nil {
		r.header(h)
	}
	return h
}

// limiter allows what it is told to.
type limiter struct {
	refuses      atomic.Bool
	ready, taken atomic.Int64
}

func (l *limiter) Ready(context.Context, string) { l.ready.Add(1) }

func (l *limiter) Take(_ context.Context, organization string) (api.Allowance, bool) {
	l.taken.Add(1)
	if organization != organizationID {
		return api.Allowance{}, false
	}
	return api.Allowance{Limit: 10, Remaining: 4, Interval: time.Second}, !l.refuses.Load()
}

// world is a door to a deployment that has one API client.
type world struct {
	testing.TB
	*apitest.World
	tap        *hooked.DB
	door       *door.Door
	limit      *limiter
	registered atomic.Int64
}

func newWorld(t testing.TB, base *apitest.World) *world {
	t.Helper()
	w := &world{TB: t, World: base, tap: &hooked.DB{DB: base.DB}, limit: &limiter{}}
	w.open(true)
	w.setAdmin(adminID)
	return w
}

// open opens the door for the tokens of an issuer, which is the deployment itself or another.
func (w *world) open(isOwn bool) {
	callers := interop.Callers(func(context.Context, interop.Organization) error {
		w.registered.Add(1)
		return nil
	})
	key, _ := jose.NewJWK(keys().issuer.Public())
	bearer := must(auth.New(auth.Config{
		Issuers: []auth.Issuer{{
			URL: issuer, Audience: audience, JWKS: must(json.Marshal(object{"keys": []any{key}})),
			Kinds: []string{interop.KindOrganization}, Own: isOwn,
		}},
		Kinds: callers.Kinds, Now: w.Clock.Now,
	}))
	deps := w.Deps()
	deps.DB = w.tap
	w.door = door.New(deps, bearer, auth.ErrUnauthorized, w.limit)
}

// each runs test on each engine.
func each(t *testing.T, test func(w *world)) {
	t.Helper()
	apitest.Each(t, []table.Schema{interop.Table}, nil, func(t *testing.T, base *apitest.World) { test(newWorld(t, base)) })
}

// embedded runs test on the embedded engine alone.
func embedded(t *testing.T, test func(w *world)) {
	t.Helper()
	apitest.Embedded(t, []table.Schema{interop.Table}, nil, func(t *testing.T, base *apitest.World) { test(newWorld(t, base)) })
}

// setAdmin stores the client with that administrator, "" for none.
func (w *world) setAdmin(id string) {
	w.Helper()
	c := client.Client{ID: clientID, Kind: client.API, ConsumerID: organizationID, AdminID: id}
	if err := w.DB.Write(w.Context(), table.Put("client", client.ClientKey(clientID), c)); err != nil {
		w.Fatal(err)
	}
}

// setCertifier stores the organization as a certifier or as none.
func (w *world) setCertifier(isCertifier bool) {
	w.Helper()
	profile := tenant.Profile{Organization: interop.Organization{ID: organizationID}, Certifier: &isCertifier}
	if _, err := tenant.NewRegistrar(w.Deps()).Describe(w.Context(), profile); err != nil {
		w.Fatal(err)
	}
}

// enter sends a request and returns the caller or the refusal.
func (w *world) enter(r request) (api.Identity, *api.Refusal) {
	w.Helper()
	return w.send(r, r.headers(w.Clock.Now()))
}

func (w *world) send(r request, header http.Header) (api.Identity, *api.Refusal) {
	w.Helper()
	id, refused, err := w.door.Enter(api.WithBase(w.Context(), r.base), r.method, r.urls, header)
	if err != nil {
		w.Error(err)
	}
	if refused != nil {
		if token := header.Get("Authorization"); len(token) > 60 && strings.Contains(refused.Reason, token[len(token)-20:]) ||
			refused.Reason == "" || strings.Contains(refused.Reason, "%!") || id.Subject != "" {
			w.Errorf("%+v is refused: %+v", id, refused)
		}
	}
	return id, refused
}

// outcome returns the code of the refusal of a request, "" for none.
func (w *world) outcome(r request) string {
	w.Helper()
	_, refused := w.enter(r)
	if refused == nil {
		return ""
	}
	return refused.Code.Name
}

// wants checks the outcome of a request.
func (w *world) wants(what string, r request, want string) {
	w.Helper()
	if got := w.outcome(r); got != want {
		w.Errorf("%s: %q, want %q", what, got, want)
	}
}
