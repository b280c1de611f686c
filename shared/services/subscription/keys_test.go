package subscription_test

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/services"
	"ciclo/shared/services/subscription"
)

// keyForm is the form of the key of a manage subscription.
var keyForm = regexp.MustCompile(`^(MANAGE-[A-Za-z0-9-]+)\.[A-Za-z0-9_-]{43}$`)

// TestKeysAreUnique issues many keys and compares their secrets.
func TestKeysAreUnique(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		seen := map[string]bool{}
		for i := range 20 {
			issued := w.issue(subscription.Request{Owner: fmt.Sprint("owner-", i)})
			for _, key := range []string{issued.PrimaryKey, issued.SecondaryKey} {
				if form := keyForm.FindStringSubmatch(key); len(form) == 0 || form[1] != issued.SubscriptionID {
					t.Errorf("key %q of %s", key, issued.SubscriptionID)
				}
				secret, err := base64.RawURLEncoding.DecodeString(secretOf(key))
				if err != nil || len(secret) != 32 || seen[string(secret)] {
					t.Errorf("secret of %d bytes, seen before: %v, %v", len(secret), seen[string(secret)], err)
				}
				seen[string(secret)] = true
			}
		}
	})
}

// TestKeysAreNotStored reads the stored item: it has the hashes of the keys, and no part of a
// key in clear.
func TestKeysAreNotStored(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		issued := w.issue(subscription.Request{Owner: "comune"})
		item, err := w.DB.Get(t.Context(), subscription.Key(issued.SubscriptionID))
		if err != nil {
			t.Fatal(err)
		}
		var raw map[string]any
		if err := table.Decode(item, &raw); err != nil {
			t.Fatal(err)
		}
		stored := fmt.Sprintf("%s", raw)
		for hash, key := range map[string]string{"primaryHash": issued.PrimaryKey, "secondaryHash": issued.SecondaryKey} {
			secret := secretOf(key)
			bytes, _ := base64.RawURLEncoding.DecodeString(secret)
			for _, clear := range []string{secret, string(bytes), hex.EncodeToString(bytes), secret[:20]} {
				if strings.Contains(stored, clear) {
					t.Errorf("the item holds %s's key: %s", hash, stored)
				}
			}
			if sum := sha256.Sum256([]byte(key)); raw[hash] != hex.EncodeToString(sum[:]) {
				t.Errorf("%s = %v, want the SHA-256 of the key", hash, raw[hash])
			}
		}
		sub := w.stored(issued.SubscriptionID)
		if sub.Version != 1 || sub.State != "active" || len(sub.DataKey) == 0 {
			t.Errorf("subscription = %+v", sub)
		}
	})
}

// TestAuthenticate compares the callers that keys identify.
func TestAuthenticate(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		groups := []string{"ApiMessageWrite", "ApiInfoRead", "ApiMessageRead", "ApiLimitedProfileRead", services.GroupWrite}
		service := w.serviceKeys("01HCEXAMPLE000000000000001", "comune")
		for name, tc := range map[string]struct {
			keys subscription.Keys
			want api.Identity
		}{
			"owner": {w.issue(subscription.Request{Owner: "comune"}).Keys, api.Identity{Subject: "comune", Kind: "MANAGE", Scopes: groups}},
			"group": {
				w.issue(subscription.Request{Owner: "comune", Group: "tributi"}).Keys,
				api.Identity{Subject: "comune", Kind: "MANAGE", Scopes: groups, Group: "tributi"},
			},
			"reviewer": {
				w.issue(subscription.Request{Owner: "comune", Role: subscription.RoleReviewer}).Keys,
				api.Identity{Subject: "comune", Kind: "MANAGE", Scopes: []string{services.GroupReview}},
			},
			"networks": {
				w.issue(subscription.Request{Owner: "ente", CIDRs: []string{"192.0.2.0/24", "2001:db8::1"}}).Keys,
				api.Identity{Subject: "ente", Kind: "MANAGE", Scopes: groups, Networks: []string{"192.0.2.0/24", "2001:db8::1"}},
			},
			"service": {service, api.Identity{Subject: "comune", Kind: "SERVICE", Scopes: []string{"ApiMessageWrite"}}},
		} {
			for _, key := range []string{tc.keys.PrimaryKey, tc.keys.SecondaryKey} {
				if got := w.caller(key); !cmp.Equal(got, tc.want) {
					t.Errorf("%s: %s", name, cmp.Diff(tc.want, got))
				}
			}
		}
	})
}

// invalidKeys returns keys that are made of the keys of two subscriptions and are not valid.
func invalidKeys(mine, other string) map[string]string {
	id, secret, _ := strings.Cut(mine, ".")
	otherID, otherSecret, _ := strings.Cut(other, ".")
	sum := sha256.Sum256([]byte(mine))
	keys := map[string]string{
		"empty": "", "dot": ".", "id": id, "id and dot": id + ".", "secret": secret, "no id": "." + secret, "no dot": id + secret,
		"my id, other secret": id + "." + otherSecret, "other id, my secret": otherID + "." + secret, "no such id": "MANAGE-nobody." + secret,
		"truncated": mine[:len(mine)-1], "without its start": mine[1:], "longer": mine + "A", "very long": mine + strings.Repeat("A", 1<<20),
		"very long id": strings.Repeat("A", 1<<20) + "." + secret, "long id": strings.Repeat("A", 80) + "." + secret,
		"upper case": strings.ToUpper(mine), "lower case": strings.ToLower(mine),
		"id in lower case": strings.ToLower(id) + "." + secret, "trailing blank": mine + " ", "leading blank": " " + mine,
		"trailing tab": mine + "\t", "line feed": mine + "\n",
		"NUL": mine + "\x00", "NUL in place of a letter": mine[:len(mine)-1] + "\x00",
		"NUL in the id": id + "\x00." + secret, "blank in the id": "MANAGE comune." + secret,
		"non-ASCII": mine[:len(mine)-2] + "é", "non-ASCII id": "MANAGE-comuné." + secret,
		"not UTF-8": mine[:len(mine)-1] + "\xff", "full width dot": id + "．" + secret,
		"two dots": id + ".." + secret[:len(secret)-1], "dot in the secret": id + "." + secret[:20] + "." + secret[21:],
		"twice": mine + "," + mine, "prefixed": "Bearer " + mine,
		"padded": id + "." + secret + "=", "stored hash": id + "." + hex.EncodeToString(sum[:]),
		"part of the stored hash": id + "." + hex.EncodeToString(sum[:])[:len(secret)],
		"record's key":            "SUB#" + mine, "path": "../" + mine, "zeros": id + "." + strings.Repeat("A", len(secret)),
	}
	for i := range mine {
		changed := []byte(mine)
		if changed[i] = 'A'; mine[i] == 'A' {
			changed[i] = 'B'
		}
		keys[fmt.Sprint("character ", i)] = string(changed)
	}
	return keys
}

// TestAuthenticateRefuses sends keys that are not valid.
func TestAuthenticateRefuses(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		mine := w.issue(subscription.Request{Owner: "Comune"}).PrimaryKey
		other := w.issue(subscription.Request{Owner: "ente"})
		// An id that differs only in case names another subscription.
		w.issue(subscription.Request{Owner: "comune"})
		for name, key := range invalidKeys(mine, other.PrimaryKey) {
			w.unauthorized(name, key)
		}
		if got := w.caller(mine).Subject; got != "Comune" {
			t.Errorf("the right key belongs to %s", got)
		}
	})
}

// unauthorized fails unless the key is refused, with a reason that does not contain it.
func (w *world) unauthorized(name, key string) {
	w.Helper()
	id, err := w.checker.Authenticate(w.Context(), key)
	if !errors.Is(err, subscription.ErrUnauthorized) || !cmp.Equal(id, api.Identity{}) {
		w.Errorf("%s: %+v, %v, want refused", name, id, err)
		return
	}
	reasons := []string{"no key", "malformed", "no subscription", "wrong key", "subscription is not active"}
	if reason := strings.TrimPrefix(err.Error(), "unauthorized: "); !slices.Contains(reasons, reason) {
		w.Errorf("%s: unknown reason %q", name, err)
	}
}

// TestMalformedKeysCostNothing counts reads: a key that is never issued is not looked up.
func TestMalformedKeysCostNothing(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		mine := w.issue(subscription.Request{Owner: "comune"}).PrimaryKey
		keys := invalidKeys(mine, w.issue(subscription.Request{Owner: "ente"}).PrimaryKey)
		for name, want := range map[string]int{
			"empty": 0, "id": 0, "no id": 0, "no dot": 0, "truncated": 0, "longer": 0, "very long": 0, "very long id": 0, "trailing blank": 0,
			"NUL in the id": 0, "non-ASCII id": 0, "stored hash": 0, "record's key": 0, "path": 0,
			"no such id": 1, "zeros": 1, "my id, other secret": 1, "long id": 1,
		} {
			ctx, meter := table.WithMeter(t.Context())
			if _, err := w.checker.Authenticate(ctx, keys[name]); err == nil || meter.Usage().RoundTrips != want {
				t.Errorf("%s: %v after %d reads, want %d", name, err, meter.Usage().RoundTrips, want)
			}
		}
	})
}

// TestAuthenticateNeedsAnActiveSubscription sends a key of a subscription in other states.
func TestAuthenticateNeedsAnActiveSubscription(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		issued := w.issue(subscription.Request{Owner: "comune"})
		for _, state := range []string{"suspended", "cancelled", "", "ACTIVE"} {
			sub := w.stored(issued.SubscriptionID)
			sub.State = state
			w.put(sub)
			w.unauthorized("state "+state, issued.PrimaryKey)
			// Callers without a key do not get to know the state.
			_, err := w.checker.Authenticate(t.Context(), issued.SubscriptionID+"."+strings.Repeat("A", 43))
			if err == nil || err.Error() != "unauthorized: wrong key" {
				t.Errorf("a wrong key in state %q: %v", state, err)
			}
		}
	})
}

// TestStorageFailureIsNotUnauthorized breaks the storage: the gateway must not answer that
// the key is not valid.
func TestStorageFailureIsNotUnauthorized(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		key := w.issue(subscription.Request{Owner: "comune"}).PrimaryKey
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		if id, err := w.checker.Authenticate(gone, key); err == nil || errors.Is(err, subscription.ErrUnauthorized) || id.Subject != "" {
			t.Errorf("storage out of reach: %+v, %v", id, err)
		}
		damaged := map[string]any{"id": "MANAGE-comune", "scopes": 7}
		if err := w.DB.Write(t.Context(), table.Put("damage", subscription.Key("MANAGE-comune"), damaged)); err != nil {
			t.Fatal(err)
		}
		if id, err := w.checker.Authenticate(t.Context(), key); err == nil || errors.Is(err, subscription.ErrUnauthorized) || id.Subject != "" {
			t.Errorf("a damaged item: %+v, %v", id, err)
		}
	})
}

// TestRotation replaces keys: the old one is refused, the others are valid.
func TestRotation(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		vault := subscription.NewVault(w.Deps())
		keys := w.serviceKeys("01HCEXAMPLE000000000000001", "comune")
		for i, which := range []subscription.KeyType{subscription.Primary, subscription.Secondary, subscription.Secondary, subscription.Primary} {
			sub := w.stored("01HCEXAMPLE000000000000001")
			sub, renewed, err := vault.Rotate(t.Context(), sub, which)
			if err != nil {
				t.Fatal(err)
			}
			w.put(sub)
			old := keys.SecondaryKey
			want := subscription.Keys{PrimaryKey: keys.PrimaryKey, SecondaryKey: renewed.SecondaryKey}
			if which == subscription.Primary {
				old = keys.PrimaryKey
				want = subscription.Keys{PrimaryKey: renewed.PrimaryKey, SecondaryKey: keys.SecondaryKey}
			}
			if renewed != want || renewed == keys {
				t.Fatalf("rotation %d of the %s key: %v, before %v", i, which, renewed, keys)
			}
			w.unauthorized(fmt.Sprintf("the %s key before rotation %d", which, i), old)
			for _, key := range []string{renewed.PrimaryKey, renewed.SecondaryKey} {
				if got := w.caller(key); got.Subject != "comune" || got.Kind != services.KindService {
					t.Errorf("after rotation %d: %+v", i, got)
				}
			}
			shown, err := vault.Reveal(t.Context(), w.stored(sub.ID))
			if err != nil || shown != renewed || sub.Version != int64(i+2) {
				t.Errorf("after rotation %d version %d shows %v, %v; want %v", i, sub.Version, shown, err, renewed)
			}
			keys = renewed
		}
	})
}

// TestVaultFailures takes away the randomness or the master key: no keys are made, and the
// stored ones stay.
func TestVaultFailures(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		issued := w.issue(subscription.Request{Owner: "comune"})
		before := w.stored(issued.SubscriptionID)
		deps := w.Deps()
		deps.Entropy = iotest.ErrReader(errors.New("no randomness"))
		if got, err := w.newIssuer(deps).Issue(t.Context(), subscription.Request{Owner: "ente"}); err == nil || got != nil {
			t.Errorf("without randomness: %v, %v", got, err)
		}
		if item, err := w.DB.Get(t.Context(), subscription.Key("MANAGE-ente")); err != nil || item != nil {
			t.Errorf("something was stored: %v, %v", item, err)
		}
		if _, _, err := subscription.NewVault(deps).Rotate(t.Context(), w.stored(issued.SubscriptionID), subscription.Primary); err == nil {
			t.Error("rotated without randomness")
		}
		sealer := w.Sealer
		w.NewMasterKey()
		if got, err := w.newIssuer(w.Deps()).Issue(t.Context(), subscription.Request{
			Owner: "comune", CIDRs: []string{"192.0.2.1"},
		}); err == nil || got != nil {
			t.Errorf("with another master key: %v, %v", got, err)
		}
		if after := w.stored(issued.SubscriptionID); !cmp.Equal(before, after) {
			t.Errorf("the subscription changed: %s", cmp.Diff(before, after))
		}
		w.Sealer = sealer
		w.caller(issued.PrimaryKey)
	})
}

// TestUsageKey compares the usage plans of callers with and without permission groups for
// their rate.
func TestUsageKey(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		w.Settings[subscription.UsageStandard] = "standard"
		w.Settings[subscription.UsageRaised] = "raised"
		w.Settings[subscription.UsageUnlimited] = "unlimited"
		for i, tc := range []struct {
			scopes   []string
			usageKey string
			want     string
		}{
			{nil, "", "standard"},
			{[]string{services.GroupRaisedRate}, "", "raised"},
			{[]string{services.GroupNoRate}, "", "unlimited"},
			{[]string{services.GroupRaisedRate, services.GroupNoRate}, "", "unlimited"},
			{nil, "own-allowance", "own-allowance"},
			{[]string{services.GroupNoRate}, "own-allowance", "own-allowance"},
		} {
			issued := w.issue(subscription.Request{Owner: fmt.Sprint("owner-", i), Scopes: tc.scopes, UsageKey: tc.usageKey})
			if got := w.caller(issued.SecondaryKey).UsageKey; got != tc.want {
				t.Errorf("%v, %q: usage key %q, want %q", tc.scopes, tc.usageKey, got, tc.want)
			}
		}
	})
}
