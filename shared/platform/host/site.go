package host

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"time"

	"ciclo/shared/platform/api"
)

// Site adds a web site, whose pages are served like operations are. One line is logged for
// each request: the pattern of the page, status, time and correlation id. Paths, queries,
// forms and cookies are not logged: they have ids of people, codes and credentials.
func Site(s api.Site) Option {
	return add(target{id: s.ID, name: "site " + s.ID, needs: s.Needs, build: func(f function, deps api.Deps) (any, error) {
		pages, err := s.Start(deps)
		if err != nil {
			return nil, fmt.Errorf("site %s: %w", s.ID, err)
		}
		if f.prewarms && s.First != "" {
			first := &http.Request{Method: http.MethodGet, URL: &url.URL{Path: s.First}, Header: http.Header{}, Body: http.NoBody}
			pages.ServeHTTP(newResponseWriter(), first.WithContext(context.Background()))
		}
		f.connected()
		return Proxy(&site{id: s.ID, pages: pages, now: deps.Now, log: deps.Log}), nil
	}})
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

// serve logs the line of a request. A panic becomes a 500: the site answers those of its
// pages itself, so that is what a page cannot be made for.
func (s *site) serve(w http.ResponseWriter, r *http.Request, pages http.Handler) {
	begin, answer := s.now(), &measuredWriter{ResponseWriter: w}
	err := guard(func() error {
		pages.ServeHTTP(answer, r)
		return nil
	})
	var attrs []slog.Attr
	if err != nil {
		attrs = failure(err)
		http.Error(answer, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
	}
	level := slog.LevelInfo
	if answer.status >= http.StatusInternalServerError {
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

// WriteHeader implements [http.ResponseWriter].
func (w *measuredWriter) WriteHeader(status int) {
	if w.status == 0 {
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
