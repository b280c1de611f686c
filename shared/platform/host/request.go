package host

import (
	"context"
	"encoding/base64"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/awslabs/aws-lambda-go-api-proxy/core"

	"ciclo/shared/platform/api"
)

// adapterHeaders start the names by which api-proxy can hand the request
// context to handlers; from a client they could only be forged.
const adapterHeaders = "X-Golambdaproxy-"

// newRequest makes the request that net/http would have made of e. When e does
// not hold a valid one, flaw says why, for the client to read, and the request
// has only what could be read.
//
// API Gateway sends the path as it stood in the request line, `sam local` sends
// it decoded. Both are taken: percent sequences are decoded, and a character
// that cannot stand in a request line is itself. A decoded path with a percent
// sequence left in it is thus decoded once more, which no id allowed in a path
// can tell. A "?" or "#" never ends the path. What API Gateway routed by is what
// counts: see [matchedPath].
func newRequest(ctx context.Context, e events.APIGatewayProxyRequest) (r *http.Request, flaw string) {
	host, header, flaw := readHeaders(e)
	unread := &http.Request{Method: e.HTTPMethod, URL: &url.URL{Path: "/"}, Header: header, Host: host, Body: http.NoBody}
	unread = unread.WithContext(ctx)
	if flaw != "" {
		return unread, flaw
	}
	if !isToken(e.HTTPMethod) {
		return unread, "The request has no valid method."
	}
	base, matched := matchedPath(e.Path, e.Resource)
	if base != "" {
		ctx = api.WithBase(ctx, base)
	}
	path, ok := escapePath(matched)
	if !ok {
		return unread, "The path has a control character or a percent sign that is not followed by two hexadecimal digits."
	}
	body := e.Body
	if e.IsBase64Encoded {
		decoded, err := base64.StdEncoding.DecodeString(e.Body)
		if err != nil {
			return unread, "The request body is not valid base64."
		}
		body = string(decoded)
	}
	r, err := (&core.RequestAccessor{}).EventToRequest(events.APIGatewayProxyRequest{
		HTTPMethod: e.HTTPMethod, Path: path, Body: body,
		MultiValueHeaders:               header,
		QueryStringParameters:           e.QueryStringParameters,
		MultiValueQueryStringParameters: e.MultiValueQueryStringParameters,
	})
	if err != nil {
		return unread, "The request could not be read."
	}
	// core makes a client's request; a server's has no URL host, the method's
	// own case and a port.
	r.URL.Scheme, r.URL.Host = "", ""
	r.Method, r.Host = e.HTTPMethod, host
	r.RemoteAddr = net.JoinHostPort(e.RequestContext.Identity.SourceIP, "0")
	return r.WithContext(ctx), ""
}

// readHeaders returns the host asked for and the headers as net/http would; a
// flaw leaves out the header that has it.
func readHeaders(e events.APIGatewayProxyRequest) (host string, header http.Header, flaw string) {
	sent := e.MultiValueHeaders
	if len(sent) == 0 {
		sent = make(map[string][]string, len(e.Headers))
		for name, value := range e.Headers {
			sent[name] = []string{value}
		}
	}
	host, header = e.RequestContext.DomainName, make(http.Header, len(sent))
	// Sorted, so that names that differ in case only always merge in one order.
	for _, name := range slices.Sorted(maps.Keys(sent)) {
		canonical := http.CanonicalHeaderKey(name)
		switch {
		case !isToken(name) || slices.ContainsFunc(sent[name], hasControl):
			flaw = "A header has a name or a value that is not valid."
		case canonical == "Host" && len(sent[name]) > 0:
			host = sent[name][0]
		case !strings.HasPrefix(canonical, adapterHeaders):
			header[canonical] = append(header[canonical], sent[name]...)
		}
	}
	return host, header, flaw
}

// isToken tells whether s is a token, RFC 9110 §5.6.2: a method or a header name.
func isToken(s string) bool {
	for i := range len(s) {
		if c := s[i]; !isAlphanumeric(c) && !strings.ContainsRune("!#$%&'*+-.^_`|~", rune(c)) {
			return false
		}
	}
	return s != ""
}

// matchedPath returns the part of path that API Gateway matched with resource, the
// pattern of the route such as /agreements/{agreementId}, and what precedes it: the base
// path of a custom domain or, from some callers, the stage. A slash may follow the path.
// A path that does not end like the pattern is returned unchanged, and so is one that is
// matched with the greedy pattern of a site, /{proxy+}.
func matchedPath(path, resource string) (base, matched string) {
	if strings.HasSuffix(resource, "+}") { // the rest of the path, whatever it is
		return "", path
	}
	pattern := strings.Split(strings.Trim(resource, "/"), "/")
	segments := strings.Split(strings.TrimSuffix(path, "/"), "/")
	if resource == "" || len(segments) < len(pattern) {
		return "", path
	}
	first := len(segments) - len(pattern)
	for i, name := range pattern {
		if strings.HasPrefix(name, "{") {
			continue
		}
		if literal, err := url.PathUnescape(segments[first+i]); err != nil || literal != name {
			return "", path
		}
	}
	return strings.Join(segments[:first], "/"), "/" + strings.Join(segments[first:], "/")
}

// escapePath returns p with every byte that cannot stand in a path as a percent
// sequence; false when it has a control character or a malformed sequence.
func escapePath(p string) (string, bool) {
	if _, err := url.PathUnescape(p); err != nil || strings.Contains(p, "\t") || hasControl(p) {
		return "", false
	}
	var b strings.Builder
	for i := range len(p) {
		if c := p[i]; isAlphanumeric(c) || strings.IndexByte("/%-._~!$&'()*+,;=:@[]", c) >= 0 {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String(), true
}

// hasControl tells whether s has a character that no field value may have, RFC 9110 §5.5.
func hasControl(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

func isAlphanumeric(c byte) bool {
	return '0' <= c && c <= '9' || 'A' <= c && c <= 'Z' || 'a' <= c && c <= 'z'
}
