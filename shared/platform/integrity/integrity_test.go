package integrity_test

import (
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/platform/integrity"
	"ciclo/shared/platform/keyring"
	"ciclo/shared/platform/testing/awslocal"
	"ciclo/shared/platform/testing/hooked"
)

// TestSigns checks what is signed: the headers that an answer has, in the published order
// and with the values that are sent, and the client of the caller.
func TestSigns(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		kid := w.keep()
		s := w.process()
		digest := func(v string) map[string]string { return map[string]string{"digest": "SHA-256=" + v} }
		const empty = "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="
		for what, c := range map[string]struct {
			header       http.Header
			body, client string
			want         []map[string]string
		}{
			"nothing": {http.Header{}, "", "", []map[string]string{digest(empty)}},
			"an object": {
				http.Header{"Content-Type": {"application/json"}, "X-Correlation-Id": {"a b"}, "Etag": {"x"}},
				"{}", "client-1",
				[]map[string]string{
					digest("RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o="), {"x-correlation-id": "a b"}, {"content-type": "application/json"},
				},
			},
			"an encoded one": {
				http.Header{"Content-Type": {`multipart/form-data; boundary="<&>"`}, "Content-Encoding": {"gzip"}, "X-Correlation-Id": {"c"}},
				"{}", "",
				[]map[string]string{
					digest("RBNvo1WzZ4oRRq0W9+hknpT7T8If536DEMBg9hyq/4o="),
					{"x-correlation-id": "c"},
					{"content-type": `multipart/form-data; boundary="<&>"`},
					{"content-encoding": "gzip"},
				},
			},
		} {
			others := maps.Clone(c.header)
			if err := s.Sign(w.Context(), c.header, []byte(c.body), c.client); err != nil {
				t.Fatal(err)
			}
			got, claims := w.verify(c.header, c.body, w.clock.Now())
			if diff := cmp.Diff(c.want, claims.Headers); diff != "" || got != kid {
				t.Errorf("%s is signed by %s (-want +got):\n%s", what, got, diff)
			}
			if client := claims.Client; (client == nil) != (c.client == "") || client != nil && *client != c.client {
				t.Errorf("%s: the client is %v, want %q", what, client, c.client)
			}
			delete(c.header, "Digest")
			delete(c.header, "Agid-Jwt-Signature")
			if diff := cmp.Diff(others, c.header); diff != "" {
				t.Errorf("%s: other headers have changed:\n%s", what, diff)
			}
		}
	})
}

// TestSignaturesAreNoTokens checks the members of a signature. Without aud and sub, what
// verifies vouchers by the same JWKS refuses it.
func TestSignaturesAreNoTokens(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		kid := w.keep()
		h := http.Header{"X-Correlation-Id": {"c"}}
		if err := w.process().Sign(w.Context(), h, nil, "client"); err != nil {
			t.Fatal(err)
		}
		parts := strings.Split(h.Get("Agid-JWT-Signature"), ".")
		want := map[string]any{"alg": "RS256", "use": "sig", "typ": "at+jwt", "kid": kid}
		if diff := cmp.Diff(want, decoded(t, parts[0])); diff != "" {
			t.Errorf("the header (-want +got):\n%s", diff)
		}
		claims := decoded(t, parts[1])
		names := []string{"client_id", "exp", "iat", "iss", "jti", "signed_headers"}
		if got := slices.Sorted(maps.Keys(claims)); !slices.Equal(got, names) {
			t.Errorf("the claims are %v, want %v", got, names)
		}
		now := float64(w.clock.Now().Unix())
		if claims["iss"] != issuer || claims["iat"] != now || claims["exp"] != now+100 {
			t.Errorf("the claims are %v", claims)
		}
	})
}

// TestOneCallForAProcess checks that a process reads the item and calls KMS once, and that it
// reads the item again after an hour and does not call KMS unless there is another key.
func TestOneCallForAProcess(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.keep()
		made := w.kms.Requests()
		s := w.process()
		w.db.Set(nil)
		if err := s.Load(w.Context()); err != nil {
			t.Fatal(err)
		}
		var work sync.WaitGroup
		for range 8 {
			work.Go(func() { w.signs(s, w.clock.Now()) })
		}
		work.Wait()
		reads := w.db.Seen() - 8 // by verify
		if n := w.kms.Requests() - made; n != 1 || reads != 1 {
			t.Errorf("%d reads and %d calls of KMS, want 1 and 1", reads, n)
		}
		w.clock.Advance(time.Hour)
		w.signs(s, w.clock.Now())
		w.signs(s, w.clock.Now())
		if n, again := w.kms.Requests()-made, w.db.Seen()-8-reads-2; n != 1 || again != 1 {
			t.Errorf("an hour later %d reads and %d calls of KMS in all, want 1 and 1", again, n)
		}
	})
}

// unsigned checks that an answer is not signed and that its headers stay as they are.
func (w *world) unsigned(s *integrity.Signer, want error) {
	w.Helper()
	h := http.Header{"Content-Type": {"text/plain"}}
	err := s.Sign(w.Context(), h, nil, "")
	if err == nil || want != nil && !errors.Is(err, want) || len(h) != 1 {
		w.Errorf("signing returns %v, want %v; headers %v", err, want, h)
	}
}

// TestKeyCanBeHadLater checks that a process without a key tries again, and that it does not
// try with every answer.
func TestKeyCanBeHadLater(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		s := w.process()
		w.unsigned(s, keyring.ErrNoKey)
		w.keep()
		w.unsigned(s, keyring.ErrNoKey) // not asked again yet
		w.clock.Advance(5 * time.Second)
		w.signs(s, w.clock.Now())
	})
}

// TestKMSFails checks that a process whose calls of KMS fail signs as soon as they succeed.
func TestKMSFails(t *testing.T) {
	t.Parallel()
	refused := awslocal.Answer(http.StatusBadRequest, `{"__type":"AccessDeniedException","message":"no"}`)
	each(t, func(w *world) {
		w.keep()
		s := w.process()
		w.unsigned(s, nil)
		calls := w.kms.Requests()
		w.unsigned(s, nil)
		if w.kms.Requests() != calls {
			t.Error("KMS is called again at once")
		}
		w.clock.Advance(5 * time.Second)
		w.signs(s, w.clock.Now())
	}, nil, refused)
}

// TestOutage checks that a process goes on signing with its key while the item cannot be read.
func TestOutage(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		kid := w.keep()
		s := w.process()
		w.signs(s, w.clock.Now())
		w.clock.Advance(2 * time.Hour)
		w.db.Set(func(*hooked.Call) error { return hooked.ErrDown })
		h := http.Header{}
		if err := s.Sign(w.Context(), h, nil, ""); err != nil {
			t.Fatal(err)
		}
		w.db.Set(nil)
		if got, _ := w.verify(h, "", w.clock.Now()); got != kid {
			t.Errorf("signed by %s, want %s", got, kid)
		}
	})
}
