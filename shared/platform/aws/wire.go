package aws

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	connectLimit = 2 * time.Second
	attemptLimit = 5 * time.Second
	// idleLimit is measured on the wall clock, so a connection that slept
	// through a freeze of the function is not used again.
	idleLimit = 20 * time.Second
	// idleConns is how many connections a client of few calls keeps.
	idleConns = 8
)

// ErrTooLarge is the error of an answer with more bytes than its reader takes.
var ErrTooLarge = errors.New("answer is too large")

// NewClient returns an HTTP client of AWS's endpoints for a function that is frozen
// between two calls. It keeps at most conns idle connections. It follows no redirect: the
// signature is for one address. It verifies endpoints by roots, certificates in PEM; nil
// means Amazon's, and the system's where the issuer is another one.
func NewClient(conns int, roots []byte) *http.Client {
	trust := newTrust(roots, conns)
	return &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext:         trust.dial,
			DialTLSContext:      trust.dialTLS,
			MaxIdleConns:        conns,
			MaxIdleConnsPerHost: conns,
			IdleConnTimeout:     idleLimit,
			DisableCompression:  true,
		},
	}
}

// Wire sends one attempt and returns its whole answer or none: one that is cut
// short would otherwise surface while it is decoded, as a failure of another
// kind.
type Wire struct {
	client   *http.Client
	limit    time.Duration
	maxBytes int64
}

// NewWire returns a Wire with the client and limit of c, for answers of at most
// maxBytes.
func NewWire(c Config, maxBytes int64) Wire {
	w := Wire{client: c.Client, limit: c.Limit, maxBytes: maxBytes}
	if w.client == nil {
		w.client = NewClient(idleConns, c.Roots)
	}
	if w.limit == 0 {
		w.limit = attemptLimit
	}
	return w
}

// Do sends req and returns the answer, with its body in memory. The error wraps
// ErrTooLarge when the body is longer than allowed; any other error means that
// no whole answer came in time.
func (w Wire) Do(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(req.Context(), w.limit)
	defer cancel()
	res, err := w.client.Do(req.WithContext(ctx)) //nolint:gosec // the address is the operator's, not a caller's
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, w.maxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	if int64(len(body)) > w.maxBytes {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrTooLarge, w.maxBytes)
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	return res, nil
}
