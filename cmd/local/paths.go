package main

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
)

// basePaths are the base paths under which the sandbox serves what has one where it is
// published: D1's API and its tokens (D1 v1), and the editions of PDND's.
func basePaths() []string {
	bases := []string{"/banking/v1", "/authz/v1"}
	for _, e := range interop.Product.Editions {
		if e.Base != "" {
			bases = append(bases, e.Base)
		}
	}
	return bases
}

// published returns r with the path that an operation has: without the base path that
// a custom domain would take away, which its context has then, and without a slash at the
// end, which API Gateway does not mind. The sandbox's own pages keep theirs.
func published(r *http.Request) *http.Request {
	path := r.URL.EscapedPath()
	for _, base := range basePaths() {
		if rest, ok := strings.CutPrefix(path, base); ok && strings.HasPrefix(rest, "/") {
			path = rest
			r = r.WithContext(api.WithBase(r.Context(), base))
			break
		}
	}
	below := func(base string) bool { return strings.HasPrefix(path, base) }
	if !slices.ContainsFunc([]string{"/_local/", "/docs/", officeBase + "/"}, below) && len(path) > 1 && !strings.HasSuffix(path, "//") {
		path = strings.TrimSuffix(path, "/")
	}
	decoded, err := url.PathUnescape(path)
	if err != nil || path == r.URL.EscapedPath() {
		return r
	}
	next := *r
	u := *r.URL
	u.Path, u.RawPath = decoded, path
	next.URL = &u
	return &next
}
