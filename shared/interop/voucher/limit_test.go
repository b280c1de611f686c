package voucher_test

import (
	"context"
	"crypto"
	"crypto/rsa"
	"errors"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/rate"
	"ciclo/shared/platform/sign"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

// The count has more time than in production: the tests are about what is counted.
func init() { rate.Patience = time.Minute }

// countingKey signs and counts its signatures.
type countingKey struct {
	key        *rsa.PrivateKey
	signatures *atomic.Int64
}

func (k countingKey) SignDigest(_ context.Context, digest []byte) ([]byte, error) {
	k.signatures.Add(1)
	return rsa.SignPKCS1v15(nil, k.key, crypto.SHA256, digest)
}

// signatures has the number of signatures of each deployment of limited.
var signatures sync.Map

// signed returns how many signatures the deployment has made.
func (w *world) signed() int64 {
	n, _ := signatures.Load(w.World.World)
	return n.(*atomic.Int64).Load() // limited stored it
}

// limited runs test on each engine, with a limit of vouchers.
func limited(t *testing.T, limit, burst string, test func(w *world)) {
	t.Helper()
	t.Parallel()
	limits := *suite
	limits.Prepare = func(w *apitest.World) {
		suite.Prepare(w)
		public, err := sign.NewKeys(&keys()[2].PublicKey)
		if err != nil {
			panic(err)
		}
		count := &atomic.Int64{}
		signatures.Store(w, count)
		w.Signer = sign.New(countingKey{keys()[2], count}, public)
		w.Settings["TOKEN_RATE_LIMIT"] = limit
		w.Settings["TOKEN_RATE_INTERVAL_MS"] = "1500"
		w.Settings["TOKEN_RATE_BURST_PERCENT"] = burst
		w.Settings["RATE_LIMIT"] = "1" // of the other group
	}
	limits.Each(t, func(w *interoptest.World) { test(&world{w}) })
}

// tells checks what an answer says of the limit.
func (w *world) tells(res apitest.Response, status int, limit, remaining, interval string) {
	w.Helper()
	want := map[string]string{"X-Rate-Limit-Limit": limit, "X-Rate-Limit-Remaining": remaining, "X-Rate-Limit-Interval": interval}
	for name, value := range want {
		if got := res.Header.Get(name); got != value {
			w.Errorf("%d: %s is %q, want %q", res.Status, name, got, value)
		}
	}
	if res.Status != status || res.Header.Get("Retry-After") != "" {
		w.Errorf("%d, Retry-After %q; want %d\n%s", res.Status, res.Header.Get("Retry-After"), status, res.Raw)
	}
}

// TestLimit: the vouchers of an organization are counted, whatever client gets them, and
// answers tell what remains. Refused requests are not counted and tell nothing.
func TestLimit(t *testing.T) {
	limited(t, "4", "50", func(w *world) {
		p := w.newRequester()
		q := w.newRequesterOn(p.offer, p.agreement, keys()[1])
		voucher := func(p requester) apitest.Response { return w.issue(form(w.assertion(p, nil), nil)) }
		refused := func() {
			for _, changes := range []object{{"exp": 1}, {"purposeId": unknownID}, {"aud": "x"}} {
				w.tells(w.issue(form(w.assertion(p, changes), nil)), http.StatusBadRequest, "", "", "")
			}
			w.OK(producer, "POST", p.purpose+"/suspend", "")
			w.tells(voucher(p), http.StatusBadRequest, "", "", "")
			w.OK(producer, "POST", p.purpose+"/unsuspend", "")
		}
		for range 2 {
			refused()
			w.tells(voucher(p), http.StatusOK, "4", "3", "1500")
			w.tells(voucher(q), http.StatusOK, "4", "2", "1500")
			refused()
			w.tells(voucher(p), http.StatusOK, "4", "1", "1500")
			w.tells(voucher(p), http.StatusOK, "4", "0", "1500")
			w.tells(voucher(q), http.StatusOK, "4", "0", "1500") // the burst
			w.tells(voucher(p), http.StatusOK, "4", "0", "1500")
			before := len(w.storedEvents(p))
			res := voucher(p)
			w.tells(res, http.StatusTooManyRequests, "4", "0", "1500")
			want := "Requests limit exceeded for organization " + consumer.Subject
			if code := interoptest.CodeOf(res); code != "007-10004" || res.Text("detail") != want || res.Text("title") != "Too Many Requests" {
				t.Errorf("over the limit: %s\n%s", code, res.Raw)
			}
			if res.Text("error") != "temporarily_unavailable" || len(w.storedEvents(p)) != before {
				t.Errorf("over the limit: error %q, %d events more", res.Text("error"), len(w.storedEvents(p))-before)
			}
			if tool := w.validate(consumer, form(w.assertion(p, nil), nil)); tool.Status != http.StatusOK {
				t.Errorf("the tool over the limit: %d", tool.Status)
			}
			refused()
			w.Clock.Advance(1500 * time.Millisecond)
		}
	})
}

// TestLimitIsOne: of simultaneous requests of an organization as many succeed as the limit
// says.
func TestLimitIsOne(t *testing.T) {
	limited(t, "10", "0", func(w *world) {
		p := w.newRequester()
		w.Handler(t)
		const n = 24
		bodies := make([]string, n)
		for i := range bodies {
			bodies[i] = form(w.assertion(p, nil), nil)
		}
		var passed, refused atomic.Int64
		var running sync.WaitGroup
		for _, body := range bodies {
			running.Go(func() {
				switch res := w.issue(body); res.Status {
				case http.StatusOK:
					passed.Add(1)
				case http.StatusTooManyRequests:
					refused.Add(1)
				default:
					t.Errorf("%d %s", res.Status, res.Raw)
				}
			})
		}
		running.Wait()
		if passed.Load() != 10 || refused.Load() != n-10 {
			t.Errorf("%d passed, %d were refused", passed.Load(), refused.Load())
		}
	})
}

// TestLeaseCosts: a lease is one round trip, which the first voucher for a purpose makes together
// with its second read; a voucher in a lease takes a read and a write, a request over the limit a
// read alone.
func TestLeaseCosts(t *testing.T) {
	limited(t, "100", "0", func(w *world) {
		p := w.newRequester()
		leases := 0
		for i := range 100 {
			count := 0
			w.Tap.Set(func(c *hooked.Call) error {
				if !isNoCount(c) {
					count++
				}
				return c.Run()
			})
			res := w.issue(form(w.assertion(p, nil), nil))
			w.Tap.Set(nil)
			lines := w.World.World.Log.Lines(t)
			if trips := lines[len(lines)-1]["roundTrips"]; res.Status != http.StatusOK || trips != float64(2+count) || count > 1 {
				t.Fatalf("voucher %d: %d, %v round trips, %d leases", i, res.Status, trips, count)
			}
			leases += count
		}
		if leases > 60 { // many near the end of the limit
			t.Errorf("%d leases for 100 vouchers", leases)
		}
		over := func() apitest.Response { return w.issue(form(w.assertion(p, nil), nil)) }
		w.costOf(over) // learns that the window is used up
		signed := w.signed()
		if got, want := w.costOf(over), "429: 1 round trips, 6 items, 0 writes"; got != want {
			t.Errorf("over the limit: %s, want %s", got, want)
		}
		if n := w.signed() - signed; signed < 100 || n != 0 {
			t.Errorf("%d signatures, %d for a request over the limit", signed, n)
		}
	})
}

// TestCountFails: while the count fails, vouchers are issued and the whole limit remains.
func TestCountFails(t *testing.T) {
	limited(t, "2", "0", func(w *world) {
		p := w.newRequester()
		w.Tap.Set(func(c *hooked.Call) error {
			if !isNoCount(c) {
				return errors.New("broken")
			}
			return c.Run()
		})
		for range 4 {
			w.tells(w.issue(form(w.assertion(p, nil), nil)), http.StatusOK, "2", "2", "1500")
		}
		w.Tap.Set(nil)
	})
}

// TestLimitOfAPIClients: the vouchers of API clients are counted with the others.
func TestLimitOfAPIClients(t *testing.T) {
	limited(t, "3", "0", func(w *world) {
		p := w.newRequester()
		a := w.newAPIRequester(keys()[1])
		w.tells(w.issue(form(w.assertion(p, nil), nil)), http.StatusOK, "3", "2", "1500")
		for _, remaining := range []string{"1", "0"} {
			w.tells(w.issue(form(w.assertion(a, object{"purposeId": nil}), nil)), http.StatusOK, "3", remaining, "1500")
		}
		w.tells(w.issue(form(w.assertion(a, object{"purposeId": nil}), nil)), http.StatusTooManyRequests, "3", "0", "1500")
	})
}
