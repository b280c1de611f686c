package auth_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ciclo/shared/platform/auth"
)

// tokens of the published key, of a key that comes later and of no key; they
// outlive every clock in these tests.
func lasting(kid string) string {
	return "Bearer " + es256(head(set{"kid": kid}), payload(set{"exp": start.Add(24 * time.Hour).Unix()}))
}

func (f fixture) refuses(t *testing.T, header string) {
	t.Helper()
	if _, err := f.Authenticate(t.Context(), header); !errors.Is(err, auth.ErrUnauthorized) {
		t.Fatalf("error is %v, want ErrUnauthorized", err)
	}
}

// cannotTell fails the test unless the error blames the keys, not the caller,
// and keeps the token to itself.
func (f fixture) cannotTell(t *testing.T, header string) {
	t.Helper()
	_, err := f.Authenticate(t.Context(), header)
	if err == nil || errors.Is(err, auth.ErrUnauthorized) {
		t.Fatalf("error is %v, want one about the keys", err)
	}
	for part := range strings.SplitSeq(strings.TrimPrefix(header, "Bearer "), ".") {
		if strings.Contains(err.Error(), part) {
			t.Errorf("the error has a part of the token: %v", err)
		}
	}
}

func (f fixture) fetched(t *testing.T, want int) {
	t.Helper()
	if got := f.jwks.Fetches(); got != want {
		t.Fatalf("%d fetches, want %d", got, want)
	}
}

func TestKeysAreFetchedOnFirstUse(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.refuses(t, "Bearer "+es256(head(set{"kid": absent}), payload(nil)))
	f.fetched(t, 0)
	f.accepts(t, lasting("ec"))
	f.clock.Advance(15*time.Minute - 1)
	f.accepts(t, lasting("ec"))
	f.fetched(t, 1)
}

func TestKeysRotate(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.accepts(t, lasting("ec"))
	f.jwks.Set(answer(http.StatusOK, jwks(jwk("new", keys().ec.Public(), ""))))
	f.clock.Advance(30 * time.Second)
	f.accepts(t, lasting("new"))
	f.fetched(t, 2)
	f.refuses(t, lasting("ec"))
	f.fetched(t, 2)
}

func TestWithdrawnKeyEndsInAQuarterOfAnHour(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.accepts(t, lasting("ec"))
	f.jwks.Set(answer(http.StatusOK, jwks(jwk("new", keys().ec.Public(), ""))))
	f.clock.Advance(15*time.Minute - 1)
	f.accepts(t, lasting("ec"))
	f.clock.Advance(1)
	f.refuses(t, lasting("ec"))
	f.fetched(t, 2)
}

func TestUnknownKeysFetchOnceInThirtySeconds(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.accepts(t, lasting("ec"))
	for second := range 90 {
		for i := range 5 {
			f.refuses(t, lasting(fmt.Sprintf("unknown-%d-%d", second, i)))
		}
		f.fetched(t, 1+second/30)
		f.clock.Advance(time.Second)
	}
}

func TestOldKeysServeTwoHours(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.accepts(t, lasting("ec"))
	f.jwks.Set(func(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") })
	f.clock.Advance(30 * time.Second)
	f.cannotTell(t, lasting("new")) // may be a key that we could not learn of
	f.cannotTell(t, lasting("new"))
	f.fetched(t, 2)
	f.clock.Advance(time.Hour)
	f.accepts(t, lasting("ec"))
	f.accepts(t, lasting("ec"))
	f.fetched(t, 3)
	f.clock.Advance(time.Hour - 30*time.Second - 1)
	f.accepts(t, lasting("ec"))
	f.clock.Advance(1)
	f.cannotTell(t, lasting("ec"))
	f.cannotTell(t, lasting("unknown"))
	f.jwks.Set(answer(http.StatusOK, keys().published))
	f.clock.Advance(time.Second)
	f.accepts(t, lasting("ec"))
	f.refuses(t, lasting("unknown"))
}

func TestClockSetBack(t *testing.T) {
	t.Parallel()
	f := newFixture(t)
	f.clock.Advance(12 * time.Hour)
	f.accepts(t, lasting("ec"))
	f.clock.Advance(-12 * time.Hour)
	f.accepts(t, lasting("ec"))
	f.fetched(t, 2)
}

func TestAnswersThatAreNoKeys(t *testing.T) {
	t.Parallel()
	large := jwks(jwk("ec", keys().ec.Public(), "")) + strings.Repeat(" ", 256<<10)
	for name, respond := range map[string]func(*http.Request) (*http.Response, error){
		"no connection":   func(*http.Request) (*http.Response, error) { return nil, errors.New("refused") },
		"500":             answer(http.StatusInternalServerError, keys().published),
		"redirect":        answer(http.StatusFound, ""),
		"204":             answer(http.StatusNoContent, ""),
		"empty":           answer(http.StatusOK, ""),
		"HTML":            answer(http.StatusOK, "<html>"),
		"array":           answer(http.StatusOK, "[]"),
		"no keys":         answer(http.StatusOK, "{}"),
		"null":            answer(http.StatusOK, "null"),
		"keys are null":   answer(http.StatusOK, `{"keys":null}`),
		"keys is a text":  answer(http.StatusOK, `{"keys":"ec"}`),
		"one byte large":  answer(http.StatusOK, large[:256<<10+1]),
		"cut in the body": cutShort,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.jwks.Set(respond)
			f.cannotTell(t, lasting("ec"))
			f.fetched(t, 1)
			f.jwks.Set(answer(http.StatusOK, large[:256<<10]))
			f.clock.Advance(time.Second)
			f.accepts(t, lasting("ec"))
			f.jwks.Set(respond)
			for range 7 { // as long as they serve at all
				f.clock.Advance(15 * time.Minute)
				f.accepts(t, lasting("ec"))
			}
			f.fetched(t, 9)
		})
	}
}

// TestWithdrawnKeys ends at once what an issuer no longer publishes, also when it
// publishes nothing that could verify our tokens: keys of others, or none.
func TestWithdrawnKeys(t *testing.T) {
	t.Parallel()
	for name, set := range map[string]string{
		"empty set":      `{"keys":[]}`,
		"keys of others": `{"keys":[{"kty":"oct","kid":"ec","k":"AAAA"},{},null]}`,
		"keys of no use": jwks(jwk("ec", keys().p384.Public(), ""), jwk("rsa", keys().weak.Public(), "")),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFixture(t)
			f.accepts(t, lasting("ec"))
			f.jwks.Set(answer(http.StatusOK, set))
			f.clock.Advance(15 * time.Minute)
			f.refuses(t, lasting("ec"))
			f.refuses(t, lasting("ec"))
			f.fetched(t, 2)
			f.jwks.Set(answer(http.StatusOK, keys().published))
			f.clock.Advance(30 * time.Second)
			f.accepts(t, lasting("ec"))
		})
	}
}

func cutShort(r *http.Request) (*http.Response, error) {
	body := io.MultiReader(strings.NewReader(keys().published[:100]), errReader{io.ErrUnexpectedEOF})
	return &http.Response{StatusCode: http.StatusOK, Request: r, Body: io.NopCloser(body)}, nil
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

func TestConcurrentRequestsShareOneFetch(t *testing.T) {
	t.Parallel()
	keys() // made outside the bubble, which would wait for nothing else
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		release := make(chan struct{})
		f.jwks.Set(func(r *http.Request) (*http.Response, error) {
			<-release
			return answer(http.StatusOK, keys().published)(r)
		})
		token := lasting("ec")
		var group sync.WaitGroup
		for range 64 {
			group.Go(func() {
				if _, err := f.Authenticate(t.Context(), token); err != nil {
					t.Errorf("not accepted: %v", err)
				}
			})
		}
		synctest.Wait() // all wait for the keys
		f.fetched(t, 1)
		close(release)
		group.Wait()
		f.fetched(t, 1)
	})
}

func TestCallerThatGivesUpLeavesTheFetchToOthers(t *testing.T) {
	t.Parallel()
	keys()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		release := make(chan struct{})
		f.jwks.Set(func(r *http.Request) (*http.Response, error) {
			select {
			case <-release:
				return answer(http.StatusOK, keys().published)(r)
			case <-r.Context().Done():
				return nil, r.Context().Err()
			}
		})
		ctx, giveUp := context.WithCancel(t.Context())
		results := make(chan error)
		call := func(ctx context.Context) {
			_, err := f.Authenticate(ctx, lasting("ec"))
			results <- err
		}
		go call(ctx)
		synctest.Wait() // the first caller began the fetch
		go call(t.Context())
		synctest.Wait()
		giveUp()
		if err := <-results; !errors.Is(err, context.Canceled) || errors.Is(err, auth.ErrUnauthorized) {
			t.Errorf("error is %v, want context.Canceled", err)
		}
		close(release)
		if err := <-results; err != nil {
			t.Errorf("the second caller got %v", err)
		}
		f.fetched(t, 1)
	})
}

func TestFetchEndsAfterFiveSeconds(t *testing.T) {
	t.Parallel()
	keys()
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t)
		f.jwks.Set(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		began := time.Now()
		f.cannotTell(t, lasting("ec"))
		if took := time.Since(began); took != 5*time.Second { // of the bubble's clock
			t.Errorf("took %v, want 5s", took)
		}
	})
}
