package main

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/interop/voucher"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/jose"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/sign"
	"ciclo/shared/platform/table"
)

// countedKey is a key of KMS that counts its calls.
type countedKey struct {
	private *rsa.PrivateKey
	calls   atomic.Int64
}

func (k *countedKey) SignDigest(_ context.Context, digest []byte) ([]byte, error) {
	k.calls.Add(1)
	return rsa.SignPKCS1v15(nil, k.private, crypto.SHA256, digest)
}

// countedWrites counts the writes of each item, except of the counts of the limiter.
type countedWrites struct {
	table.DB

	mu     sync.Mutex
	writes map[table.Key]int
}

// Write implements [table.DB].
func (c *countedWrites) Write(ctx context.Context, steps ...table.Step) error {
	c.mu.Lock()
	for _, s := range steps {
		c.writes[s.Key]++
	}
	c.mu.Unlock()
	return c.DB.Write(ctx, steps...)
}

// shared returns how many items were written more than once.
func (c *countedWrites) shared() (n float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, times := range c.writes {
		if times > 1 {
			n++
		}
	}
	return n
}

// benchOneClient measures vouchers of one client in a deployment whose key is in memory: what one
// costs, and 500 on the embedded engine and on DynamoDB Local, where transactions conflict.
func benchOneClient(ctx context.Context, embedded *bench, s *section) error {
	if err := embedded.oneClient(ctx, s, "embedded engine", 500); err != nil {
		return err
	}
	b, err := embedded.local(ctx)
	if err != nil {
		return err
	}
	return b.oneClient(ctx, s, "DynamoDB Local", 32) // with more it is the machine that is too slow
}

func (b *bench) oneClient(ctx context.Context, s *section, engine string, atOnce int) error {
	kms := &countedKey{}
	var err error
	if kms.private, err = rsa.GenerateKey(rand.Reader, jose.MinBits); err != nil {
		return err
	}
	keys, err := sign.NewKeys(&kms.private.PublicKey)
	if err != nil {
		return err
	}
	b.signer = sign.New(kms, keys)
	writes := &countedWrites{DB: b.db, writes: map[table.Key]int{}}
	b.db = writes
	if b.handler, err = api.NewHandler(b.deps(), catalog.Operations()...); err != nil {
		return err
	}
	r, err := b.newRequester(ctx)
	if err != nil {
		return err
	}
	b.callAs(ctx, consumer, http.MethodPost, r.path+"/keys", r.key)
	b.callAs(ctx, consumer, http.MethodPost, r.path+"/purposes", r.linkage)
	run, err := voucher.AnswerKeys.Start(b.deps())
	if err == nil {
		_, err = run(ctx, nil)
	}
	if err != nil {
		return err
	}
	b.now = b.now.Add(25 * time.Hour) // the key in memory signs after a day
	if err := r.warm(ctx); err != nil {
		return err
	}
	kms.calls.Store(0)
	clear(writes.writes)
	if engine == "embedded engine" { // which computes what DynamoDB would bill
		bearer, bound := r.usage(ctx, false), r.usage(ctx, true)
		s.reach(goalVoucherTrips, float64(max(bearer.RoundTrips, bound.RoundTrips)))
		s.reach(goalVoucherUnits, bearer.WriteUnits)
		s.reach(goalVoucherDPoP, bound.WriteUnits)
		s.info("voucher: read units", bearer.ReadUnits, "")
	}
	const n = 500
	refused, took := r.many(ctx, n, atOnce)
	raw, err := b.puts(ctx, kms.private, n, atOnce)
	if err != nil {
		return err
	}
	s.reach(goalVoucherRate, refused)
	s.info(fmt.Sprintf("500 vouchers, %d at once ÷ as many puts and signatures, %s", atOnce, engine), float64(took)/float64(raw), "")
	s.reach(goalVoucherItems, writes.shared())
	s.reach(goalVoucherKMS, float64(kms.calls.Load()))
	return nil
}

// warm requests a voucher, which makes the process know the key and the purpose.
func (r *requester) warm(ctx context.Context) error {
	if rec := r.post(ctx, r.request(), ""); rec.Code != http.StatusOK {
		return fmt.Errorf("a voucher: %d %s", rec.Code, rec.Body)
	}
	return nil
}

// usage returns what a voucher costs most often: some have a lease of the limiter, too.
func (r *requester) usage(ctx context.Context, bound bool) line {
	all := make([]line, 9)
	for i := range all {
		proof := ""
		if bound {
			proof = r.proof()
		}
		r.log.Reset()
		r.post(ctx, r.request(), proof)
		if err := json.Unmarshal(r.log.Bytes(), &all[i]); err != nil || all[i].Status != http.StatusOK {
			r.fail(fmt.Sprintf("voucher: %d %s", all[i].Status, all[i].Problem))
		}
	}
	slices.SortFunc(all, func(a, b line) int { return a.RoundTrips - b.RoundTrips })
	return all[len(all)/2]
}

// post requests a voucher.
func (r *requester) post(ctx context.Context, body, proof string) *httptest.ResponseRecorder {
	req := httptest.NewRequestWithContext(ctx, http.MethodPost, "/token.oauth2", strings.NewReader(body))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if proof != "" {
		req.Header.Set("DPoP", proof)
	}
	rec := httptest.NewRecorder()
	r.handler.ServeHTTP(rec, req)
	return rec
}

// proof returns a new DPoP proof.
func (r *requester) proof() string {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		r.fail(err.Error())
		return ""
	}
	public, _ := jose.NewJWK(key.Public())
	t := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims{
		"htm": http.MethodPost, "htu": voucherIssuer + "/token.oauth2", "iat": r.now.Unix(), "jti": uuid.NewString(),
	})
	t.Header["typ"] = "dpop+jwt"
	t.Header["jwk"] = map[string]string{"kty": public.Type, "crv": public.Curve, "x": public.X, "y": public.Y}
	signed, err := t.SignedString(key)
	if err != nil {
		r.fail(err.Error())
	}
	return signed
}

// many requests n vouchers, some at the same time, and returns how many were refused.
func (r *requester) many(ctx context.Context, n, atOnce int) (refused float64, took time.Duration) {
	bodies := make([]string, n)
	for i := range bodies {
		bodies[i] = r.request()
	}
	var failed atomic.Int64
	took = together(n, atOnce, func(i int) {
		if r.post(ctx, bodies[i], "").Code != http.StatusOK {
			failed.Add(1)
		}
	})
	return float64(failed.Load()), took
}

// puts puts n items and makes as many signatures in the same way.
func (b *bench) puts(ctx context.Context, key *rsa.PrivateKey, n, atOnce int) (time.Duration, error) {
	errs := make([]error, n)
	item := map[string]string{"text": strings.Repeat("x", 350)}
	took := together(n, atOnce, func(i int) {
		key := &countedKey{private: key}
		if _, errs[i] = key.SignDigest(ctx, make([]byte, 32)); errs[i] == nil {
			at := table.Key{Table: retention.Operations.Name, PK: "RAW", SK: fmt.Sprint(i)}
			errs[i] = b.db.Write(ctx, table.Put("raw", at, item))
		}
	})
	for _, err := range errs {
		if err != nil {
			return 0, err
		}
	}
	return took, nil
}

// together calls do n times, some at the same time.
func together(n, atOnce int, do func(i int)) time.Duration {
	var working sync.WaitGroup
	var next atomic.Int64
	began := time.Now()
	for range atOnce {
		working.Go(func() {
			for i := next.Add(1) - 1; i < int64(n); i = next.Add(1) - 1 {
				do(int(i))
			}
		})
	}
	working.Wait()
	return time.Since(began)
}
