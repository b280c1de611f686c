package voucher_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/interop/voucher"
	"ciclo/shared/platform/seal/local"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/hooked"
)

// answerKeys runs the job with a payload, and returns the ids of the keys that it reports.
func (w *world) answerKeys(payload string) []string {
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
	var ids []string
	for _, k := range report.Keys {
		ids = append(ids, k.ID)
	}
	return ids
}

// published returns the ids of the keys in the JWKS, and for how long it may be cached.
func (w *world) published() (ids []string, cached string) {
	w.Helper()
	res := w.OK(nil, "GET", "/.well-known/jwks.json", "")
	var set struct{ Keys []map[string]string }
	if err := json.Unmarshal([]byte(res.Raw), &set); err != nil {
		w.Fatal(err)
	}
	for _, k := range set.Keys {
		if len(k) != 6 || k["kty"] != "RSA" || k["use"] != "sig" || k["alg"] != "RS256" || k["e"] != "AQAB" {
			w.Errorf("a published key is %v", k)
		}
		ids = append(ids, k["kid"])
	}
	return ids, res.Header.Get("Cache-Control")
}

// TestPublishedAnswerKeys follows the JWKS through a replacement of the key that signs
// answers: the key of vouchers comes first.
func TestPublishedAnswerKeys(t *testing.T) {
	t.Parallel()
	sealed(t, func(w *world) {
		check := func(what string, want ...string) {
			w.Helper()
			got, cached := w.published()
			if strings.Join(got, " ") != strings.Join(append([]string{signingKID(t, signer())}, want...), " ") || cached != "public, max-age=300" {
				t.Errorf("%s: published %v with Cache-Control %q, want %v", what, got, cached, want)
			}
		}
		check("before there is one")
		first := w.answerKeys("")
		check("the first", first...)
		if again := w.answerKeys(`{}`); len(first) != 1 || again[0] != first[0] {
			t.Errorf("the next run has %v, the first had %v", again, first)
		}
		both := w.answerKeys(`{"action":"replace"}`)
		check("replacing", both...)
		if len(both) != 2 || both[0] != first[0] {
			t.Errorf("replacing has %v, the first had %v", both, first)
		}
		w.Clock.Advance(48 * time.Hour)
		check("replaced", both[1])
		only := w.answerKeys(`{"action":"discard"}`)
		check("discarded", only...)
	})
}

// sealed runs test in a deployment that has something to seal with, and in which KMS signs vouchers.
func sealed(t *testing.T, test func(w *world)) {
	t.Helper()
	withConfig(t, func(w *apitest.World) {
		w.Settings[interop.SettingVoucherKey] = interop.VoucherKeyKMS
		var err error
		if w.Sealer, err = local.Open(""); err != nil {
			t.Fatal(err)
		}
	}, test)
}

// TestAnswerKeysCannotBeRead checks that the JWKS has the keys of vouchers while those of
// answers cannot be read, and may then not be cached.
func TestAnswerKeysCannotBeRead(t *testing.T) {
	t.Parallel()
	for what, broken := range map[string]func(w *world){
		"storage fails": func(w *world) { w.Tap.Set(func(*hooked.Call) error { return hooked.ErrDown }) },
		"damaged": func(w *world) {
			if err := w.DB.Write(w.Context(), table.Put("damage", interop.IntegrityKey, map[string]string{"keys": "x"})); err != nil {
				t.Fatal(err)
			}
		},
	} {
		sealed(t, func(w *world) {
			w.answerKeys("")
			broken(w)
			got, cached := w.published()
			if len(got) != 1 || got[0] != signingKID(t, signer()) || cached != "no-cache, no-store" {
				t.Errorf("%s: published %v with Cache-Control %q", what, got, cached)
			}
			lines := w.World.World.Log.Lines(t)
			if lines[len(lines)-1]["answerKeys"] == nil {
				t.Errorf("%s: logged %v", what, lines[len(lines)-1])
			}
		})
	}
}

// TestActionsOnAnswerKeys checks that the job refuses what it does not know.
func TestActionsOnAnswerKeys(t *testing.T) {
	t.Parallel()
	sealed(t, func(w *world) {
		run, err := voucher.AnswerKeys.Start(w.Deps())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := run(t.Context(), []byte(`{"action":"rotate"}`)); err == nil || !strings.Contains(err.Error(), "replace, discard") {
			t.Errorf("the error is %v", err)
		}
		if got, _ := w.published(); len(got) != 1 {
			t.Errorf("published %v", got)
		}
	})
}
