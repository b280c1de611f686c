package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"ciclo/shared/interop/assertion"
	"ciclo/shared/platform/jose"
)

const voucherIssuer = "https://api.example.it"

// requester is a client with a key that is linked to an active purpose.
type requester struct {
	*bench

	pen          *rsa.PrivateKey
	id, path     string // of the client
	purposeID    string
	key, linkage string // bodies that add the key and the link
}

func (b *bench) newRequester(ctx context.Context) (*requester, error) {
	pen, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, err
	}
	public, err := jose.PublicPEM(pen.Public())
	if err != nil {
		return nil, err
	}
	purpose := b.purpose(ctx, b.subscribed(ctx, "to be called", consumer), 1, "activate")
	r := &requester{
		bench: b, pen: pen, id: b.made(ctx, consumer, "/clients", `{"name":"A client","members":[]}`),
		purposeID: strings.TrimPrefix(purpose, "/purposes/"),
		key:       fmt.Sprintf(`{"key":%q,"use":"SIG","alg":"RS256","name":"A key of it"}`, base64.StdEncoding.EncodeToString(public)),
	}
	r.path = "/clients/" + r.id
	r.linkage = fmt.Sprintf(`{"purposeId":%q}`, r.purposeID)
	return r, nil
}

// request returns the body of a request for a voucher.
func (r *requester) request() string {
	now := r.now.Unix()
	t := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{
		"iss": r.id, "sub": r.id, "aud": voucherIssuer, "jti": uuid.NewString(), "iat": now, "exp": now + 60,
		"purposeId": r.purposeID,
	})
	t.Header["kid"] = jose.Thumbprint(r.pen.Public())
	signed, err := t.SignedString(r.pen)
	if err != nil {
		r.fail(err.Error())
	}
	return url.Values{"client_assertion": {signed}, "client_assertion_type": {assertion.Type}, "grant_type": {assertion.Grant}}.Encode()
}

// benchVouchers measures the token endpoint and what is about clients.
func (b *bench) benchVouchers(ctx context.Context, out *tabwriter.Writer) {
	r, err := b.newRequester(ctx)
	if err != nil {
		b.fail(err.Error())
		return
	}
	post := func(name, path, body string, roundTrips, items int) cost {
		return cost{name: name, method: http.MethodPost, path: path, body: body, roundTrips: roundTrips, items: items}
	}
	for _, c := range []cost{
		post("client: add a key", r.path+"/keys", r.key, 1, 0),
		post("client: link a purpose", r.path+"/purposes", r.linkage, 3, 3),
		post("voucher: issue, the first for a purpose", "/token.oauth2", r.request(), 3, 6),
		post("voucher: issue", "/token.oauth2", r.request(), 2, 6),
		{
			name: "voucher: examine", method: http.MethodPost, path: "/tools/validateTokenGeneration", body: r.request(),
			roundTrips: 2, items: 6, repeatable: true,
		},
		{name: "client: list 2 token events", method: http.MethodGet, path: r.path + "/tokenEvents", roundTrips: 2, items: 3, repeatable: true},
		{name: "client: list its purposes", method: http.MethodGet, path: r.path + "/purposes", roundTrips: 3, items: 3, repeatable: true},
		{name: "client: unlink a purpose", method: http.MethodDelete, path: r.path + "/purposes/" + r.purposeID, roundTrips: 1},
	} {
		b.caller = consumer
		b.measure(ctx, out, c)
	}
}

// benchSignature tells what the signature of a voucher costs here; in AWS it is a call
// of KMS.
func (b *bench) benchSignature(ctx context.Context, s *section) {
	result := testing.Benchmark(func(t *testing.B) {
		for t.Loop() {
			if _, err := b.signer.Sign(ctx, "at+jwt", map[string]string{"iss": voucherIssuer}); err != nil {
				t.Fatal(err)
			}
		}
	})
	s.note("signature of a voucher by a key of 2048 bits at hand: %.2f ms, %d allocations",
		float64(result.NsPerOp())/1e6, result.AllocsPerOp())
}
