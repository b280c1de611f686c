package voucher_test

import (
	"context"
	"crypto"
	"crypto/rsa"
	"encoding/json"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"ciclo/shared/interop"
	"ciclo/shared/interop/voucher"
	"ciclo/shared/platform/jose"
	"ciclo/shared/platform/seal/local"
	"ciclo/shared/platform/sign"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

// kmsKey is a key of KMS that counts its calls.
type kmsKey struct{ calls atomic.Int64 }

func (k *kmsKey) SignDigest(_ context.Context, digest []byte) ([]byte, error) {
	k.calls.Add(1)
	return rsa.SignPKCS1v15(nil, keys()[2], crypto.SHA256, digest)
}

// inMemory runs test in a deployment with the setting VOUCHER_KEY and a key of KMS.
func inMemory(t *testing.T, setting string, test func(w *world, kms *kmsKey)) {
	t.Helper()
	kms := &kmsKey{}
	withConfig(t, func(w *apitest.World) {
		public, err := sign.NewKeys(&keys()[2].PublicKey)
		if err == nil {
			w.Sealer, err = local.Open("")
		}
		if err != nil {
			t.Fatal(err)
		}
		w.Signer = sign.New(kms, public)
		w.Settings[interop.SettingVoucherKey] = setting
	}, func(w *world) { test(w, kms) })
}

// keep runs the job and returns the ids of the published keys of vouchers.
func (w *world) keep(payload string) (ids []string) {
	w.Helper()
	run, err := voucher.AnswerKeys.Start(w.Deps())
	if err != nil {
		w.Fatal(err)
	}
	out, err := run(w.Context(), []byte(payload))
	if err != nil {
		w.Fatal(err)
	}
	report, _ := out.(voucher.AnswerKeysReport)
	for _, k := range report.Vouchers {
		ids = append(ids, k.ID)
	}
	return ids
}

// jwks returns the published keys.
func (w *world) jwks() (set jose.Set) {
	w.Helper()
	if err := json.Unmarshal([]byte(w.OK(nil, "GET", "/.well-known/jwks.json", "").Raw), &set); err != nil {
		w.Fatal(err)
	}
	return set
}

// signedBy returns the key of a voucher that is requested now, after verifying the voucher by keys
// that a service may have.
func (w *world) signedBy(p requester, known jose.Set) string {
	w.Helper()
	token := w.issue(form(w.assertion(p, nil), nil)).Text("access_token")
	parsed, err := jwt.Parse(token, func(token *jwt.Token) (any, error) {
		for _, k := range known.Keys {
			if k.ID == token.Header["kid"] {
				return k.Public(), nil
			}
		}
		return nil, jwt.ErrTokenUnverifiable
	}, jwt.WithValidMethods([]string{"RS256"}), jwt.WithTimeFunc(w.Clock.Now))
	if err != nil {
		w.Fatalf("at %v, voucher %q: %v; keys %v", w.Clock.Now(), token, err, known)
	}
	kid, _ := parsed.Header["kid"].(string)
	return kid
}

// TestVoucherKeyInMemory follows a new deployment with the daily job for 200 days. KMS signs on the
// first day alone; then keys in memory do, each for 90 days. Every voucher is verified by the keys
// that were published almost a day before, and its key is published for a day after it.
func TestVoucherKeyInMemory(t *testing.T) {
	t.Parallel()
	inMemory(t, "sealed", func(w *world, kms *kmsKey) {
		p := w.newRequester()
		kmsID := jose.Thumbprint(&keys()[2].PublicKey)
		if got := w.signedBy(p, w.jwks()); got != kmsID {
			t.Errorf("before the job a voucher is signed by %s", got)
		}
		known := w.jwks()
		made := w.keep("")
		if got := w.signedBy(p, known); got != kmsID || len(made) != 1 || len(w.jwks().Keys) != 3 {
			t.Errorf("after the job has made %v a voucher is signed by %s", made, got)
		}
		known = w.jwks()
		calls := kms.calls.Load()
		w.Clock.Advance(24 * time.Hour)
		var signed []string
		for day := range 200 {
			w.keep("")
			kid := w.signedBy(p, known)
			if !slices.Contains(signed, kid) {
				signed = append(signed, kid)
			}
			w.Clock.Advance(time.Hour)
			known = w.jwks()
			w.Clock.Advance(23*time.Hour - time.Second)
			if !slices.ContainsFunc(w.jwks().Keys, func(k jose.JWK) bool { return k.ID == kid }) {
				t.Fatalf("day %d: the key %s is not published any more", day, kid)
			}
			w.Clock.Advance(time.Second)
		}
		if len(signed) != 3 || signed[0] != made[0] || slices.Contains(signed, kmsID) || kms.calls.Load() != calls {
			t.Errorf("vouchers are signed by %v with %d calls of KMS", signed, kms.calls.Load()-calls)
		}
	})
}

// TestVoucherKeyOfKMS checks that with the strict setting KMS signs every voucher and no key is
// made.
func TestVoucherKeyOfKMS(t *testing.T) {
	t.Parallel()
	inMemory(t, interop.VoucherKeyKMS, func(w *world, kms *kmsKey) {
		p := w.newRequester()
		for range 3 {
			if made := w.keep(""); len(made) > 0 {
				t.Errorf("the job has made %v", made)
			}
			w.signedBy(p, w.jwks())
			w.Clock.Advance(48 * time.Hour)
		}
		if kms.calls.Load() != 3 {
			t.Errorf("%d calls of KMS, want 3", kms.calls.Load())
		}
	})
}

// TestVoucherKeyFails checks what a deployment does whose key cannot be read or opened: a process
// that has it goes on, others issue nothing, and the JWKS is not published without it.
func TestVoucherKeyFails(t *testing.T) {
	t.Parallel()
	for what, broken := range map[string]func(w *world) error{
		"damaged": func(w *world) error {
			return w.DB.Write(w.Context(), table.Put("damage", interop.VoucherKey, map[string]string{"keys": "x"}))
		},
		"no keys": func(w *world) error {
			return w.DB.Write(w.Context(), table.Update("damage", interop.VoucherKey, table.Changes{Remove: []string{"keys"}}))
		},
	} {
		inMemory(t, "", func(w *world, kms *kmsKey) {
			p := w.newRequester()
			made := w.keep("")
			known := w.jwks()
			w.Clock.Advance(25 * time.Hour)
			if got := w.signedBy(p, known); got != made[0] {
				t.Fatalf("signed by %s", got)
			}
			if err := broken(w); err != nil {
				t.Fatal(err)
			}
			w.Clock.Advance(2 * time.Hour)
			if got := w.signedBy(p, known); got != made[0] {
				t.Errorf("%s: then signed by %s", what, got)
			}
			if res := w.As(nil, "GET", "/.well-known/jwks.json", ""); res.Status < 500 {
				t.Errorf("%s: the keys are answered %d %s", what, res.Status, res.Raw)
			}
			calls := kms.calls.Load()
			fresh := &world{w.World}
			other := w.World.World.Through(w.DB)
			fresh.World.World = other
			if res := fresh.issue(form(fresh.assertion(p, nil), nil)); res.Status != 500 || kms.calls.Load() != calls {
				t.Errorf("%s: a new process answers %d %s", what, res.Status, res.Raw)
			}
			if got := w.keep(`{"action":"discard","keys":"vouchers"}`); len(got) != 1 {
				t.Errorf("%s: discarding leaves %v", what, got)
			}
		})
	}
	inMemory(t, "", func(w *world, _ *kmsKey) {
		w.keep("")
		w.Tap.Set(func(*hooked.Call) error { return hooked.ErrDown })
		if res := w.As(nil, "GET", "/.well-known/jwks.json", ""); res.Status != 503 {
			t.Errorf("the storage fails: %d %s", res.Status, res.Raw)
		}
	})
}
