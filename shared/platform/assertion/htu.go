package assertion

import (
	"net/url"
	"strings"
)

// sameURL reports whether the htu of a proof is the URL of the request. Query and
// fragment of the request do not count; an htu has neither (RFC 9449 §4.2).
func sameURL(htu, request string) bool {
	if strings.ContainsAny(htu, "?#") {
		return false
	}
	request, _, _ = strings.Cut(request, "#")
	request, _, _ = strings.Cut(request, "?")
	a, ok := normal(htu)
	b, ok2 := normal(request)
	return ok && ok2 && a == b
}

// address is what two spellings of a URL have in common.
type address struct{ scheme, host, port, path string }

func normal(raw string) (address, bool) {
	u, err := url.Parse(raw)
	if err != nil || u.User != nil || u.Hostname() == "" {
		return address{}, false
	}
	// The parser has put the scheme in lower case.
	a := address{scheme: u.Scheme, host: strings.ToLower(u.Hostname()), port: u.Port(), path: unescape(u.EscapedPath())}
	if a.port == "" {
		a.port = map[string]string{"https": "443", "http": "80"}[a.scheme]
	}
	if a.path == "" {
		a.path = "/"
	}
	return a, a.port != ""
}

// unescape decodes the characters that need no percent-encoding, and writes the
// hexadecimal digits of the others in capitals.
func unescape(path string) string {
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		if path[i] != '%' { // the parser has checked that two digits follow
			b.WriteByte(path[i])
			continue
		}
		digits := path[i : i+3]
		if c, err := url.PathUnescape(digits); err == nil && unreserved(c[0]) {
			b.WriteByte(c[0])
		} else {
			b.WriteString(strings.ToUpper(digits))
		}
		i += 2
	}
	return b.String()
}

func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}
