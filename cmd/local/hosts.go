package main

import (
	"mime"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"ciclo/shared/interop"
	"ciclo/shared/platform/host"
)

// hostsSetting names the environment variable with more names that the sandbox answers to.
const hostsSetting = "HOSTS"

// hostGuard keeps web pages of other sites out of a sandbox that listens on a developer's machine.
// A page can make its browser send requests to localhost, and by a name of its own that
// resolves to 127.0.0.1 (DNS rebinding) it can also read the answers, tokens included.
type hostGuard struct {
	hosts []string // besides the loopback ones, "*" for any
	next  http.Handler
}

func newHostGuard(hosts string, next http.Handler) hostGuard {
	names := strings.FieldsFunc(strings.ToLower(hosts), func(r rune) bool { return r == ',' || r == ' ' })
	return hostGuard{hosts: names, next: next}
}

// ServeHTTP implements [http.Handler].
func (g hostGuard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !g.admits(r.Host) {
		text(w, http.StatusMisdirectedRequest, "The sandbox answers to localhost, 127.0.0.1 and [::1] only, "+
			"and the request is for another name. "+
			"Call it by one of these, or start it with "+hostsSetting+"=<names>, for example "+hostsSetting+"=host.docker.internal.")
		return
	}
	g.next.ServeHTTP(w, r)
}

// admits tells whether the sandbox answers to the host of a request, which may have a port.
func (g hostGuard) admits(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	name = strings.ToLower(strings.TrimSuffix(strings.TrimSuffix(strings.TrimPrefix(name, "["), "]"), "."))
	if address, err := netip.ParseAddr(name); err == nil && address.Unmap().IsLoopback() {
		return true
	}
	return name == "localhost" || strings.HasSuffix(name, ".localhost") || // RFC 6761 §6.3
		slices.Contains(g.hosts, name) || slices.Contains(g.hosts, "*")
}

// commanding lets through what changes the sandbox itself, unless another site's page
// sends it: a browser says so (Fetch Metadata, Origin), and a form of an older one has
// none of the media types that are asked for.
func commanding(serve http.HandlerFunc, media ...string) http.HandlerFunc {
	sites := http.NewCrossOriginProtection()
	return func(w http.ResponseWriter, r *http.Request) {
		sent, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
		switch {
		case sites.Check(r) != nil:
			text(w, http.StatusForbidden, "A page of another site sent this. Use curl, or a page that the sandbox serves.")
		case !slices.Contains(media, sent):
			text(w, http.StatusUnsupportedMediaType, "Send it as JSON, with the header Content-Type: application/json "+
				"(curl: -H 'Content-Type: application/json').")
		default:
			serve(w, r)
		}
	}
}

// loopback are the names of this machine in URLs. The first one is in the sandbox's own URL.
var loopback = []string{"localhost", "127.0.0.1", "[::1]"}

// aliases returns the URLs by which clients know a sandbox besides its own: the other names
// of this machine, and the public URLs without the base path of an edition.
func aliases(own, public string) []string {
	var all []string
	for _, name := range loopback[1:] {
		all = append(all, strings.Replace(own, loopback[0], name, 1))
	}
	for _, alias := range host.PublicURLs(public) {
		for _, e := range interop.Product.Editions {
			alias = strings.TrimSuffix(alias, e.Base)
		}
		all = append(all, strings.TrimRight(alias, "/"))
	}
	return all
}
