package main

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"ciclo/shared/office"
	"ciclo/shared/office/page"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/seal"
	"ciclo/shared/services"
)

// benchPages tells what pages of the front office cost beside the calls to APIs under them.
func benchPages(ctx context.Context, b *bench, s *section) error {
	owner := api.Identity{Subject: "pages", Kind: services.KindManage, Scopes: services.OwnersOrReviewers}
	if err := b.benchPage(ctx, s, "/services", owner); err != nil {
		return err
	}
	eservice := b.subscribed(ctx, "of a page", consumer)
	purpose := b.purpose(ctx, eservice, 10, "activate")
	for _, path := range []string{"/purposes", purpose, "/eservices/" + eservice} {
		if err := b.benchPage(ctx, s, path, consumer); err != nil {
			return err
		}
	}
	return nil
}

// benchPage measures one page, and then the calls alone that it makes.
func (b *bench) benchPage(ctx context.Context, s *section, path string, caller api.Identity) error {
	calls := &recording{handler: b.handler, caller: caller}
	front, cookies, err := signedIn(calls)
	if err != nil {
		return err
	}
	serve := func() *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, path, http.NoBody)
		for _, c := range cookies {
			r.AddCookie(c)
		}
		rec := httptest.NewRecorder()
		front.ServeHTTP(rec, r)
		return rec
	}
	first := serve()
	if first.Code != http.StatusOK {
		return fmt.Errorf("the page %s is answered %d: %s", path, first.Code, first.Body)
	}
	under := calls.requests
	calls.quiet = true
	whole := testing.Benchmark(func(t *testing.B) {
		for t.Loop() {
			serve()
		}
	})
	alone := testing.Benchmark(func(t *testing.B) {
		for t.Loop() {
			for _, r := range under {
				calls.answer(r.Clone(ctx))
			}
		}
	})
	ms := func(r testing.BenchmarkResult) float64 { return float64(r.NsPerOp()) / 1e6 }
	s.note("page %s: %d bytes, %d calls; %.2f ms, and %.2f ms for the calls one after the other (%.1f times); "+
		"%d allocations, %d of them in the calls", strings.SplitN(path, "/", 3)[1], first.Body.Len(), len(under),
		ms(whole), ms(alone), ms(whole)/ms(alone), whole.AllocsPerOp(), alone.AllocsPerOp())
	return nil
}

// signedIn returns an office without base, and the cookies of somebody who may see everything.
func signedIn(calls http.RoundTripper) (front *office.Office, cookies []*http.Cookie, err error) {
	everywhere := []office.Area{office.Services, office.Reviews, office.Interop, office.Consumers, office.Platform}
	c := office.Config{
		APIs: map[string]office.Remote{}, Key: bytes.Repeat([]byte{1}, seal.KeyBytes), Now: time.Now, Log: slog.New(slog.DiscardHandler),
		SignIn: &office.Persons{Now: time.Now, Open: func(context.Context, string) (office.Session, error) {
			return office.Session{Areas: everywhere, Organization: consumer.Subject, Expires: time.Now().Add(time.Hour)}, nil
		}},
	}
	for _, product := range []string{"services", "interop", "consumers"} {
		c.APIs[product] = office.Remote{URL: "http://localhost", Transport: calls}
	}
	if front, err = page.New(c); err != nil {
		return nil, nil, err
	}
	rec := httptest.NewRecorder()
	front.ServeHTTP(rec, httptest.NewRequestWithContext(context.Background(), http.MethodPost, "/sign-in", strings.NewReader("")))
	return front, rec.Result().Cookies(), nil
}

// recording calls a handler as somebody, and keeps the requests.
type recording struct {
	handler  http.Handler
	caller   api.Identity
	quiet    bool // keeps no more of them
	mu       sync.Mutex
	requests []*http.Request
}

// RoundTrip implements [http.RoundTripper].
func (c *recording) RoundTrip(r *http.Request) (*http.Response, error) {
	return c.answer(r).Result(), nil
}

func (c *recording) answer(r *http.Request) *httptest.ResponseRecorder {
	if !c.quiet {
		c.mu.Lock()
		c.requests = append(c.requests, r)
		c.mu.Unlock()
	}
	r = r.WithContext(api.WithIdentity(r.Context(), c.caller))
	if r.Body == nil {
		r.Body = http.NoBody
	}
	rec := httptest.NewRecorder()
	c.handler.ServeHTTP(rec, r)
	return rec
}
