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

// status is an API that answers everything with a status.
type status int

// RoundTrip implements [http.RoundTripper].
func (s status) RoundTrip(*http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	answer.Code = int(s)
	return answer.Result(), nil
}

// visited opens a page of an office with one page, /things, as somebody whose token has ended.
// opened counts how often the session was opened.
func visited(t *testing.T, api http.RoundTripper, path string, things func(v *office.Visit) (*office.View, error)) (
	shown *httptest.ResponseRecorder, opened int64,
) {
	t.Helper()
	var count atomic.Int64
	signIn := &office.Persons{Now: time.Now, Open: func(context.Context, string) (office.Session, error) {
		count.Add(1)
		return office.Session{Token: time.Now().String(), Areas: []office.Area{office.Interop}}, nil
	}}
	o, err := office.New(office.Config{
		SignIn: signIn, Key: make([]byte, 32), Now: time.Now, Log: slog.New(slog.DiscardHandler), Prefix: "/v1",
		APIs: map[string]office.Remote{"interop": {URL: "http://api.example.it", Transport: api}},
	}, office.Wing{Pages: []office.Page{{Method: http.MethodGet, Path: "/things", Area: office.Interop, Serve: things}}})
	if err != nil {
		t.Fatal(err)
	}
	in := httptest.NewRecorder()
	o.ServeHTTP(in, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/sign-in", strings.NewReader("")))
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/things", http.NoBody)
	r.URL.Path = path
	for _, c := range in.Result().Cookies() {
		r.AddCookie(c)
	}
	shown = httptest.NewRecorder()
	o.ServeHTTP(shown, r)
	return shown, count.Load()
}

// TestRenewedOnce: a page that makes its calls at the same time renews an expired session once.
func TestRenewedOnce(t *testing.T) {
	t.Parallel()
	shown, opened := visited(t, status(http.StatusOK), "/things", func(v *office.Visit) (*office.View, error) {
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
	})
	if shown.Code != http.StatusSeeOther || opened != 2 {
		t.Errorf("status %d, the session was opened %d times, want once to sign in and once to renew it", shown.Code, opened)
	}
}

// TestRedirectsOfAPIs: an API that leads elsewhere has done nothing.
func TestRedirectsOfAPIs(t *testing.T) {
	t.Parallel()
	for _, code := range []status{
		http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusMultipleChoices, http.StatusNotModified,
	} {
		shown, _ := visited(t, code, "/things", func(v *office.Visit) (*office.View, error) {
			return v.Redirect("/", office.Same("Done.")), v.API("interop").Send(http.MethodDelete, "/things", nil, nil)
		})
		if shown.Code != http.StatusInternalServerError {
			t.Errorf("%d of the API is shown as %d", code, shown.Code)
		}
	}
}

// TestUncleanPaths: a path that is not clean is that of no page, and nothing is done.
func TestUncleanPaths(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"//things", "/./things", "/x/../things", "/things/"} {
		shown, _ := visited(t, status(http.StatusOK), path, func(*office.Visit) (*office.View, error) {
			t.Errorf("%s opens the page", path)
			return nil, nil //nolint:nilnil // never
		})
		if shown.Code != http.StatusNotFound || shown.Header().Get("Location") != "" {
			t.Errorf("%s = %d, leads to %q", path, shown.Code, shown.Header().Get("Location"))
		}
	}
}
