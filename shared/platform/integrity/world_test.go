package integrity_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"ciclo/shared/platform/integrity"
	"ciclo/shared/platform/jose"
	"ciclo/shared/platform/keyring"
	"ciclo/shared/platform/seal/kms"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/awslocal"
	"ciclo/shared/platform/testing/engine"
	"ciclo/shared/platform/testing/hooked"
	"ciclo/shared/platform/testing/kmslocal"
)

var (
	things = table.Schema{Name: "things"}
	at     = table.Key{Table: things.Name, PK: "INTEGRITY", SK: "KEYS"}
)

const issuer = "https://api.example.it"

// drawer are keys that were made once.
var drawer = sync.OnceValue(func() []*rsa.PrivateKey {
	all := make([]*rsa.PrivateKey, 4)
	for i := range all {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		all[i] = key
	}
	return all
})

// world is one deployment: a table, KMS and a clock.
type world struct {
	*testing.T
	db     *hooked.DB
	clock  *apitest.Clock
	kms    *awslocal.Script
	config keyring.Config
	drawn  atomic.Int64
}

// draw returns another key with each call, in turns.
func (w *world) draw() (*rsa.PrivateKey, error) {
	all := drawer()
	return all[w.drawn.Add(1)%int64(len(all))], nil
}

// each runs test in a new world on each engine. KMS answers its first requests by steps.
func each(t *testing.T, test func(w *world), steps ...http.HandlerFunc) {
	t.Helper()
	engine.Each(t, []table.Schema{things}, func(t *testing.T, db table.DB) {
		w := &world{T: t, db: &hooked.DB{DB: db}, clock: &apitest.Clock{}, kms: awslocal.NewScript(kmslocal.New("master", "other"), steps...)}
		w.clock.Set(apitest.Start)
		server := httptest.NewServer(w.kms)
		t.Cleanup(server.Close)
		sealer, err := kms.FromEnv(func(name string) string {
			return map[string]string{"SEAL_KEY_ID": "master", "AWS_ENDPOINT_URL_KMS": server.URL}[name]
		})
		if err != nil {
			t.Fatal(err)
		}
		w.config = integrity.Keys(w.db, at, sealer, w.clock.Now)
		w.config.Generate = w.draw
		test(w)
	})
}

func (w *world) keeper() *keyring.Keeper { return keyring.NewKeeper(w.config) }

// process returns the Signer of another process.
func (w *world) process() *integrity.Signer { return integrity.New(w.config, issuer) }

// keep makes the first key.
func (w *world) keep() string {
	w.Helper()
	keys, err := w.keeper().Keep(w.Context())
	if err != nil || len(keys) != 1 {
		w.Fatalf("kept %v, %v", keys, err)
	}
	return keys[0].ID
}

// signs signs an answer and returns the id of the key, after checking the signature by the
// keys that were published at a time.
func (w *world) signs(s *integrity.Signer, published time.Time) string {
	w.Helper()
	h := http.Header{"Content-Type": {"text/plain"}}
	if err := s.Sign(w.Context(), h, []byte("body"), ""); err != nil {
		w.Fatal(err)
	}
	kid, _ := w.verify(h, "body", published)
	return kid
}

// claims are those of a signature.
type claims struct {
	jwt.RegisteredClaims

	Headers []map[string]string `json:"signed_headers"`
	Client  *string             `json:"client_id"`
}

// verify checks the headers of an answer as a client does, by the JWKS of a time, and returns
// the key and the claims.
func (w *world) verify(h http.Header, body string, published time.Time) (string, claims) {
	w.Helper()
	sum := sha256.Sum256([]byte(body))
	if got := h.Get("Digest"); got != "SHA-256="+base64.StdEncoding.EncodeToString(sum[:]) {
		w.Errorf("the digest is %s", got)
	}
	jwks, err := keyring.Published(w.Context(), w.db, at, published)
	if err != nil {
		w.Fatal(err)
	}
	var c claims
	token, err := jwt.ParseWithClaims(h.Get("Agid-JWT-Signature"), &c, func(token *jwt.Token) (any, error) {
		for _, k := range jwks {
			if k.ID == token.Header["kid"] {
				return k.Public(), nil
			}
		}
		return nil, jwt.ErrTokenUnverifiable
	}, jwt.WithValidMethods([]string{jose.RS256}), jwt.WithTimeFunc(w.clock.Now), jwt.WithStrictDecoding())
	if err != nil {
		w.Fatalf("the signature %s: %v; keys %v", h.Get("Agid-JWT-Signature"), err, jwks)
	}
	kid, _ := token.Header["kid"].(string)
	return kid, c
}

// change changes the stored item.
func (w *world) change(f func(item map[string]any)) {
	w.Helper()
	item, err := w.db.DB.Get(w.Context(), at)
	if err != nil {
		w.Fatal(err)
	}
	m := map[string]any{}
	if err := table.Decode(item, &m); err != nil {
		w.Fatal(err)
	}
	f(m)
	delete(m, table.PK)
	delete(m, table.SK)
	if err := w.db.DB.Write(w.Context(), table.Put("damage", at, m)); err != nil {
		w.Fatal(err)
	}
}

// first is the first stored key.
func first(item map[string]any) map[string]any {
	keys, _ := item["keys"].([]any)
	key, _ := keys[0].(map[string]any)
	return key
}

// decoded decodes a part of a token.
func decoded(t *testing.T, part string) map[string]any {
	t.Helper()
	raw, err := base64.RawURLEncoding.Strict().DecodeString(part)
	if err != nil {
		t.Fatal(err)
	}
	var m map[string]any
	if err := json.NewDecoder(strings.NewReader(string(raw))).Decode(&m); err != nil {
		t.Fatal(err)
	}
	return m
}
