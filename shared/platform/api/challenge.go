package api

import (
	"net/http"
	"strings"
)

// challenge is the WWW-Authenticate of a 401. A client that sent no token, or another
// kind of credential, gets the scheme alone (RFC 6750 §3.1).
func (s Scheme) challenge(sent http.Header) string {
	kind, token, _ := strings.Cut(sent.Get("Authorization"), " ")
	if s.Name == Bearer.Name && strings.EqualFold(kind, "Bearer") && strings.TrimSpace(token) != "" {
		return s.Refused
	}
	return s.Challenge
}

// isCacheable reports whether the operation has the same answer for every caller, so that
// caches may keep it. A form asks for a token (RFC 6749 §5.1).
func isCacheable(spec Spec) bool { return spec.Public && spec.Form == NoForm }
