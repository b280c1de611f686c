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

// benchVouchers measures the token endpoint and what is about clients.
func (b *bench) benchVouchers(ctx context.Context, out *tabwriter.Writer) {
	pen, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.fail(err.Error())
		return
	}
	public, err := jose.PublicPEM(pen.Public())
	if err != nil {
		b.fail(err.Error())
		return
	}
	key := base64.StdEncoding.EncodeToString(public)
	purpose := b.purpose(ctx, b.subscribed(ctx, "to be called", consumer), 1, "activate")
	id := b.made(ctx, consumer, "/clients", `{"name":"A client","members":[]}`)
	path := "/clients/" + id
	purposeID := strings.TrimPrefix(purpose, "/purposes/")
	link := fmt.Sprintf(`{"purposeId":%q}`, purposeID)
	request := func(clientID string) string {
		now := b.now.Unix()
		t := jwt.NewWithClaims(jwt.SigningMethodRS256, jwt.MapClaims{
			"iss": clientID, "sub": clientID, "aud": voucherIssuer, "jti": uuid.NewString(), "iat": now, "exp": now + 60,
			"purposeId": purposeID,
		})
		t.Header["kid"] = jose.Thumbprint(pen.Public())
		signed, err := t.SignedString(pen)
		if err != nil {
			b.fail(err.Error())
		}
		return url.Values{"client_assertion": {signed}, "client_assertion_type": {assertion.Type}, "grant_type": {assertion.Grant}}.Encode()
	}
	post := func(name, path, body string, roundTrips, items int) cost {
		return cost{name: name, method: http.MethodPost, path: path, body: body, roundTrips: roundTrips, items: items}
	}
	for _, c := range []cost{
		post("client: add a key", path+"/keys", fmt.Sprintf(`{"key":%q,"use":"SIG","alg":"RS256","name":"A key of it"}`, key), 1, 0),
		post("client: link a purpose", path+"/purposes", link, 3, 3),
		post("voucher: issue", "/token.oauth2", request(id), 3, 6),
		{
			name: "voucher: examine", method: http.MethodPost, path: "/tools/validateTokenGeneration", body: request(id),
			roundTrips: 2, items: 6, repeatable: true,
		},
		{name: "client: list of 1 token event", method: http.MethodGet, path: path + "/tokenEvents", roundTrips: 3, items: 3, repeatable: true},
		{name: "client: list its purposes", method: http.MethodGet, path: path + "/purposes", roundTrips: 3, items: 3, repeatable: true},
		{name: "client: unlink a purpose", method: http.MethodDelete, path: path + "/purposes/" + purposeID, roundTrips: 1},
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
