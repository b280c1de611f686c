package office_test

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ciclo/shared/office"
)

// ended is an API that answers everything.
type ended struct{}

// RoundTrip implements [http.RoundTripper].
func (ended) RoundTrip(*http.Request) (*http.Response, error) {
	return httptest.NewRecorder().Result(), nil
}

// TestRenewedOnce: a page that makes its calls at the same time renews an expired session once.
func TestRenewedOnce(t *testing.T) {
	t.Parallel()
	var opened atomic.Int64
	things := func(v *office.Visit) (*office.View, error) {
		var calls sync.WaitGroup
		for range 16 {
			calls.Go(func() {
				if err := v.API("interop").Get("/things", nil, nil); err != nil {
					t.Error(err)
				}
			})
		}
		calls.Wait()
		return v.Redirect("/", office.Text{}), nil
	}
	signIn := &office.Persons{Now: time.Now, Open: func(context.Context, string) (office.Session, error) {
		opened.Add(1)
		return office.Session{Token: time.Now().String(), Areas: []office.Area{office.Interop}}, nil // has expired
	}}
	o, err := office.New(office.Config{
		SignIn: signIn, Key: make([]byte, 32), Now: time.Now, Log: slog.New(slog.DiscardHandler),
		APIs: map[string]office.Remote{"interop": {URL: "http://api.example.it", Transport: ended{}}},
	}, office.Wing{Pages: []office.Page{{Method: http.MethodGet, Path: "/things", Area: office.Interop, Serve: things}}})
	if err != nil {
		t.Fatal(err)
	}
	in := httptest.NewRecorder()
	o.ServeHTTP(in, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/sign-in", strings.NewReader("")))
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/things", http.NoBody)
	for _, c := range in.Result().Cookies() {
		r.AddCookie(c)
	}
	shown := httptest.NewRecorder()
	o.ServeHTTP(shown, r)
	if shown.Code != http.StatusSeeOther || opened.Load() != 2 {
		t.Errorf("status %d, the session was opened %d times, want once to sign in and once to renew it", shown.Code, opened.Load())
	}
}
