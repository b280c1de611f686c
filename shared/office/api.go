package office

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"ciclo/shared/platform/api"
)

// Remote is where an API is.
type Remote struct {
	URL       string // below which its paths are
	Keyed     bool   // it takes the manage key of a session instead of its token
	Transport http.RoundTripper
}

// maxAnswer is the most that is read of an answer, in bytes.
const maxAnswer = 10 << 20

// API calls the API of one product with the credential of a session.
type API struct {
	remote Remote
	visit  *Visit
	etag   string
	key    string // instead of the session's
}

// errNotDeployed is the error of calls to a product that this deployment does not have.
var errNotDeployed = errors.New("office: the product is not deployed")

// IfMatch returns the API for one change, which is refused unless the thing still has that
// ETag.
func (a *API) IfMatch(etag string) *API {
	next := *a
	next.etag = etag
	return &next
}

// Get reads path into out, a pointer. query may be nil. The error is a [*Refusal] when the
// API answers with one.
func (a *API) Get(path string, query url.Values, out any) error {
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	_, err := a.call(http.MethodGet, path, nil, out)
	return err
}

// Read is Get for a thing that is changed later; it returns the ETag of what was read.
func (a *API) Read(path string, out any) (etag string, err error) {
	header, err := a.call(http.MethodGet, path, nil, out)
	return header.Get("ETag"), err
}

// URL returns below which URL the paths of the API are, for people who call it themselves.
func (a *API) URL() string { return strings.TrimRight(a.remote.URL, "/") }

// File is content that is not JSON.
type File struct {
	Type  string // e.g. image/png
	Bytes []byte
}

// File reads path, whose answer is a file.
func (a *API) File(path string) (*File, error) {
	var content []byte
	header, err := a.call(http.MethodGet, path, nil, &content)
	return &File{Type: header.Get("Content-Type"), Bytes: content}, err
}

// Send sends body, nil for none, and reads the answer into out, nil to drop it. The body is
// sent as JSON, and [url.Values] as a form.
func (a *API) Send(method, path string, body, out any) error {
	_, err := a.call(method, path, body, out)
	return err
}

// As returns the API with another manage key than that of the session.
func (a *API) As(key string) *API {
	next := *a
	next.key = key
	return &next
}

func (a *API) call(method, path string, body, out any) (http.Header, error) {
	if a.remote.Transport == nil {
		return http.Header{}, errNotDeployed
	}
	if err := a.visit.renew(); err != nil {
		return http.Header{}, err
	}
	r, err := a.request(method, path, body)
	if err != nil {
		return http.Header{}, err
	}
	res, err := a.remote.Transport.RoundTrip(r)
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			return http.Header{}, &Refusal{Status: http.StatusGatewayTimeout, CorrelationID: a.visit.Correlation}
		}
		return http.Header{}, fmt.Errorf("%s %s: %w", method, a.remote.URL, err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return http.Header{}, fmt.Errorf("%s %s: %w", method, a.remote.URL, err)
	}
	if res.StatusCode >= http.StatusMultipleChoices && res.StatusCode < http.StatusBadRequest {
		return http.Header{}, fmt.Errorf("%s %s: answered %d, and redirects are not followed", method, a.remote.URL, res.StatusCode)
	}
	if res.StatusCode >= http.StatusBadRequest {
		refusal := refusalOf(res.StatusCode, text, a.visit.Correlation)
		refusal.Key = r.Header.Get(api.KeyHeader) != ""
		return res.Header, refusal
	}
	if out == nil || len(text) == 0 {
		return res.Header, nil
	}
	if file, isFile := out.(*[]byte); isFile {
		*file = text
		return res.Header, nil
	}
	if err := json.Unmarshal(text, out); err != nil {
		return res.Header, fmt.Errorf("the answer to %s %s: %w", method, a.remote.URL, err)
	}
	return res.Header, nil
}

// request makes a request with the credential of the session that the API takes.
func (a *API) request(method, path string, body any) (*http.Request, error) {
	var content io.Reader
	media := "application/json"
	if form, isForm := body.(url.Values); isForm {
		media = "application/x-www-form-urlencoded"
		content = strings.NewReader(form.Encode())
	} else if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return nil, err
		}
		content = bytes.NewReader(text)
	}
	r, err := http.NewRequestWithContext(a.visit.Context(), method, a.URL()+path, content)
	if err != nil {
		return nil, err
	}
	if body != nil {
		r.Header.Set("Content-Type", media)
	}
	r.Header.Set("Accept", "application/json, application/problem+json")
	r.Header.Set(api.CorrelationHeader, a.visit.Correlation)
	if a.etag != "" {
		r.Header.Set("If-Match", a.etag)
	}
	if key := cmp.Or(a.key, a.visit.Session.Key); key != "" && a.remote.Keyed {
		r.Header.Set(api.KeyHeader, key)
	} else if token := a.visit.Session.Token; token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	return r, nil
}
