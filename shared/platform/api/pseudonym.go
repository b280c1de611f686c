package api

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
)

// pseudonymBytes makes it improbable that two of a million texts have the same pseudonym:
// it happens in one of tens of millions of processes.
const pseudonymBytes = 8

// salt is random and is not stored, so that the address behind a pseudonym cannot be
// found by trying all addresses.
var salt = sync.OnceValue(func() []byte {
	b := make([]byte, sha256.Size)
	_, _ = rand.Read(b) // never fails
	return b
})

// Pseudonym returns a value that stands for text in the log. The same text has the same
// pseudonym as long as the process lives, and the text cannot be derived from it.
func Pseudonym(text string) string {
	mac := hmac.New(sha256.New, salt())
	mac.Write([]byte(text)) // never fails
	return hex.EncodeToString(mac.Sum(nil)[:pseudonymBytes])
}

// sourceOf returns the log attribute for the address that the request of ctx came from.
func sourceOf(ctx context.Context) (slog.Attr, bool) { return SourceAttr(Source(ctx)) }

// SourceAttr returns the log attribute for the address that a request came from; false when
// the address is not valid. A client with one address of IPv6 has all of its network of 64
// bits, so the network counts as one source.
func SourceAttr(from netip.Addr) (slog.Attr, bool) {
	if !from.IsValid() {
		return slog.Attr{}, false
	}
	network := netip.PrefixFrom(from.WithZone(""), from.BitLen())
	if from.Is6() {
		network = netip.PrefixFrom(from.WithZone(""), 64)
	}
	return slog.String("source", Pseudonym(network.Masked().String())), true
}

// refusesCaller reports whether an answer refuses the caller rather than the request.
// Public operations such as token endpoints check credentials in the body and refuse
// those with other statuses than 401 and 403.
func refusesCaller(status int, public bool) bool {
	return status == http.StatusUnauthorized || status == http.StatusForbidden ||
		public && status >= http.StatusBadRequest && status < http.StatusInternalServerError
}
