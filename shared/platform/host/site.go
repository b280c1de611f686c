package host

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"ciclo/shared/platform/api"
)

// StartSite serves a web site; it is the main of an artifact that has one. Options are
// providers of what the site needs. It is apart from Start because html/template keeps the
// linker from dropping methods, and those of the client of DynamoDB are many.
func StartSite(s api.Site, options ...Option) {
	log := NewLogger(os.Stdout, os.Getenv)
	slog.SetDefault(log)
	handler, err := OpenSite(os.Getenv, log, s, options...)
	if err != nil {
		log.Error("start", "error", err.Error())
		os.Exit(1)
	}
	lambda.Start(handler)
}

// OpenSite returns the handler of a site, as lambda.Start takes it. One line is logged for each
// request: the pattern of the page, status, time and correlation id. Paths, queries, forms and
// cookies are not logged: they have ids of people, codes and credentials.
func OpenSite(getenv func(string) string, log *slog.Logger, s api.Site, options ...Option) (handler any, err error) {
	if named := getenv(envHandler); named != s.ID {
		return nil, fmt.Errorf("the function's handler is %q, which this artifact does not have; set Handler to one of: %s", named, s.ID)
	}
	a := artifact{providers: map[api.Need]provider{}}
	for _, option := range options {
		option(&a)
	}
	deps := api.Deps{Now: now, Entropy: rand.Reader, Setting: getenv, Log: log}
	if err := a.provide(target{needs: s.Needs}, getenv, &deps); err != nil {
		return nil, fmt.Errorf("site %s: %w", s.ID, err)
	}
	pages, err := s.Start(deps)
	if err != nil {
		return nil, fmt.Errorf("site %s: %w", s.ID, err)
	}
	if s.First != "" && getenv("PREWARM") != "off" {
		first := &http.Request{Method: http.MethodGet, URL: &url.URL{Path: s.First}, Header: http.Header{}, Body: http.NoBody}
		err := guard(func() error {
			pages.ServeHTTP(newResponseWriter(), first.WithContext(context.Background()))
			return nil
		})
		if err != nil {
			log.LogAttrs(context.Background(), slog.LevelError, "first page", append(failure(err), slog.String("site", s.ID))...)
		}
	}
	return Proxy(&site{id: s.ID, pages: pages, now: deps.Now, log: deps.Log}), nil
}

// site is the [Handler] of a web site.
type site struct {
	id    string
	pages http.Handler
	now   func() time.Time
	log   *slog.Logger
}

// ServeHTTP implements [http.Handler].
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.serve(w, r, s.pages) }

// Reject answers 400 to what is no HTTP request.
func (s *site) Reject(w http.ResponseWriter, r *http.Request, detail string) {
	s.serve(w, r, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		http.Error(w, detail, http.StatusBadRequest)
	}))
}

// serve logs the line of a request. A panic is logged as an error, and becomes a 500 when nothing
// was answered before: the site answers those of its pages itself, so that is what a page cannot
// be made for.
func (s *site) serve(w http.ResponseWriter, r *http.Request, pages http.Handler) {
	begin, answer := s.now(), &measuredWriter{ResponseWriter: w}
	err := guard(func() error {
		pages.ServeHTTP(answer, r)
		return nil
	})
	var attrs []slog.Attr
	if err != nil {
		attrs = failure(err)
	}
	switch {
	case answer.status != 0:
	case err == nil:
		answer.status = http.StatusOK // as the server answers what writes nothing
	default:
		answer.Header().Set("Content-Type", "text/plain; charset=utf-8")
		answer.WriteHeader(http.StatusInternalServerError)
		_, _ = io.WriteString(answer, http.StatusText(http.StatusInternalServerError)) // to a buffer
	}
	level := slog.LevelInfo
	if err != nil || answer.status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	if id, known := api.RequestID(r.Context()); known {
		attrs = append(attrs, slog.String("requestId", id))
	}
	s.log.LogAttrs(r.Context(), level, "request", append([]slog.Attr{
		slog.String("site", s.id), slog.String("method", r.Method), slog.String("page", r.Pattern), slog.Int("status", answer.status),
		slog.String("correlationId", w.Header().Get(api.CorrelationHeader)), slog.Int("bytes", answer.bytes),
		slog.Float64("latencyMs", float64(s.now().Sub(begin).Microseconds())/1000),
	}, attrs...)...)
}

// measuredWriter counts what is answered.
type measuredWriter struct {
	http.ResponseWriter

	status, bytes int
}

// WriteHeader implements [http.ResponseWriter]. Informational statuses are no answer.
func (w *measuredWriter) WriteHeader(status int) {
	if w.status == 0 && status >= http.StatusOK {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements [http.ResponseWriter].
func (w *measuredWriter) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += n
	return n, err
}
