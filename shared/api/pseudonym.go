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

// pseudonymBytes keep chance apart: among a million texts two meet once in ten million
// processes.
const pseudonymBytes = 8

// salt is random and kept nowhere, so that nobody finds the address behind a pseudonym
// by trying all of them.
var salt = sync.OnceValue(func() []byte {
	b := make([]byte, sha256.Size)
	_, _ = rand.Read(b) // never fails
	return b
})

// Pseudonym stands for text in the log: the same text has the same pseudonym as long as
// the process lives, and it does not tell the text.
func Pseudonym(text string) string {
	mac := hmac.New(sha256.New, salt())
	mac.Write([]byte(text)) // never fails
	return hex.EncodeToString(mac.Sum(nil)[:pseudonymBytes])
}

// sourceOf is the log's word for where the request of ctx came from. Whoever has one
// address of IPv6 has all of its network of 64 bits, which is one source.
func sourceOf(ctx context.Context) (slog.Attr, bool) {
	from := Source(ctx)
	if !from.IsValid() {
		return slog.Attr{}, false
	}
	network := netip.PrefixFrom(from.WithZone(""), from.BitLen())
	if from.Is6() {
		network = netip.PrefixFrom(from.WithZone(""), 64)
	}
	return slog.String("source", Pseudonym(network.Masked().String())), true
}

// refusesCaller tells whether an answer refuses who is calling, rather than what is
// asked. What anybody may call looks at credentials in the body, such as assertions, and
// refuses those with other statuses.
func refusesCaller(status int, public bool) bool {
	return status == http.StatusUnauthorized || status == http.StatusForbidden ||
		public && status >= http.StatusBadRequest && status < http.StatusInternalServerError
}
