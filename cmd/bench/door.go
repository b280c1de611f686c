package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"text/tabwriter"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"ciclo/shared/interop"
	"ciclo/shared/interop/client"
	"ciclo/shared/interop/door"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/auth"
	"ciclo/shared/platform/jose"
	"ciclo/shared/platform/table"
)

const (
	doorAudience = voucherIssuer + "/m2m"
	doorClient   = "0000000c-0000-4000-8000-000000000001"
	doorUser     = "0000000d-0000-4000-8000-000000000001"
)

// visitor is a client of the kind API.
type visitor struct {
	*bench
	door  *door.Door
	key   *ecdsa.PrivateKey
	path  string
	bound bool   // its token is bound to the key
	role  string // of the token
}

// entrance is a line of the table: what a request costs before its operation runs. reads adds
// the operation, which is a function of its own.
type entrance struct {
	name              string
	bound             bool
	role              string
	used, reads       bool
	roundTrips, items int
}

// benchDoor measures who comes in to the interop API.
func (b *bench) benchDoor(ctx context.Context, out *tabwriter.Writer) {
	v, err := b.newVisitor(ctx)
	if err != nil {
		b.fail("door: " + err.Error())
		return
	}
	for _, e := range []entrance{
		{name: "enter: first request, leases of the limit", role: interop.RoleReader, roundTrips: 1},
		{name: "enter: bearer, m2m", role: interop.RoleReader},
		{name: "enter: bearer, m2m-admin", role: interop.RoleAdmin, roundTrips: 1, items: 2},
		{name: "enter: DPoP, m2m", bound: true, role: interop.RoleReader, roundTrips: 1},
		{name: "enter: DPoP, m2m-admin", bound: true, role: interop.RoleAdmin, roundTrips: 1, items: 2},
		{name: "enter: DPoP, a used proof", bound: true, role: interop.RoleReader, used: true, roundTrips: 1},
		{name: "read an e-service: bearer, m2m", role: interop.RoleReader, reads: true, roundTrips: 1, items: 2},
		{name: "read an e-service: DPoP, m2m", bound: true, role: interop.RoleReader, reads: true, roundTrips: 2, items: 2},
		{name: "read an e-service: DPoP, m2m-admin", bound: true, role: interop.RoleAdmin, reads: true, roundTrips: 2, items: 4},
	} {
		v.bound, v.role = e.bound, e.role
		if err := v.enter(ctx, out, e); err != nil {
			b.fail(e.name + ": " + err.Error())
		}
	}
}

func (b *bench) newVisitor(ctx context.Context) (*visitor, error) {
	callers := interop.Callers(nil)
	tokens, err := auth.New(auth.Config{Now: func() time.Time { return b.now }, Kinds: callers.Kinds, Issuers: []auth.Issuer{{
		URL: voucherIssuer, Audience: doorAudience, JWKS: b.signer.Keys().JWKS(), Kinds: []string{interop.KindOrganization}, Own: true,
	}}})
	if err != nil {
		return nil, err
	}
	entrance, err := door.Open(b.deps(), tokens, auth.ErrUnauthorized)
	if err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	record := client.Client{ID: doorClient, Kind: client.API, ConsumerID: consumer.Subject, AdminID: doorUser}
	if err := b.db.Write(ctx, table.Put("client", client.ClientKey(doorClient), record)); err != nil {
		return nil, err
	}
	if err := tenant.NewRegistrar(b.deps()).Register(ctx, interop.Organization{ID: consumer.Subject}); err != nil {
		return nil, err
	}
	path, _ := b.offer(ctx, "to be read", "AUTOMATIC")
	return &visitor{bench: b, door: entrance, key: key, path: path}, nil
}

// headers returns the headers of a request with a token and, if it is bound, a new proof.
func (v *visitor) headers(ctx context.Context) (http.Header, error) {
	now := v.now.Unix()
	claims := map[string]any{
		"iss": voucherIssuer, "aud": doorAudience, "client_id": doorClient, "sub": doorClient, "jti": uuid.NewString(), "iat": now, "nbf": now,
		"exp": now + 600, "organizationId": consumer.Subject, "role": v.role,
	}
	if v.role == interop.RoleAdmin {
		claims["adminId"] = doorUser
	}
	public, _ := jose.NewJWK(v.key.Public())
	if v.bound {
		claims["cnf"] = map[string]string{"jkt": public.ID}
	}
	token, err := v.signer.Sign(ctx, "at+jwt", claims)
	if err != nil || !v.bound {
		return http.Header{"Authorization": {"Bearer " + token}}, err
	}
	hash := sha256.Sum256([]byte(token))
	proof := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims{
		"htm": http.MethodGet, "htu": voucherIssuer + v.path, "iat": now, "jti": uuid.NewString(),
		"ath": base64.RawURLEncoding.EncodeToString(hash[:]),
	})
	proof.Header["typ"] = "dpop+jwt"
	proof.Header["jwk"] = map[string]string{"kty": public.Type, "crv": public.Curve, "x": public.X, "y": public.Y}
	signed, err := proof.SignedString(v.key)
	return http.Header{"Authorization": {"DPoP " + token}, "Dpop": {signed}}, err
}

// enter prints what one request costs.
func (v *visitor) enter(ctx context.Context, out *tabwriter.Writer, e entrance) error {
	header, err := v.headers(ctx)
	if err != nil {
		return err
	}
	urls := []string{voucherIssuer + v.path}
	if e.used {
		if _, _, err := v.door.Enter(ctx, http.MethodGet, urls, header); err != nil {
			return err
		}
	}
	metered, meter := table.WithMeter(ctx)
	caller, refused, err := v.door.Enter(metered, http.MethodGet, urls, header)
	if err != nil {
		return err
	}
	if (refused != nil) != e.used {
		return fmt.Errorf("refused: %+v", refused)
	}
	used := meter.Usage()
	if e.reads {
		v.log.Reset()
		v.callAs(ctx, caller, http.MethodGet, v.path, "")
		var l line
		if err := json.Unmarshal(v.log.Bytes(), &l); err != nil {
			return err
		}
		if l.Status != http.StatusOK {
			return fmt.Errorf("answered %d", l.Status)
		}
		used.RoundTrips += l.RoundTrips
		used.ItemsRead += l.ItemsRead
		used.ReadUnits += l.ReadUnits
		used.WriteUnits += l.WriteUnits
	}
	mark := ""
	if used.RoundTrips > e.roundTrips || used.ItemsRead > e.items {
		mark = " OVER"
		v.fail(e.name)
	}
	fmt.Fprintf(out, "%s\t-\t%d\t%d\t%g\t%g\t-\t%d, %d%s\t\n",
		e.name, used.RoundTrips, used.ItemsRead, used.ReadUnits, used.WriteUnits, e.roundTrips, e.items, mark)
	return nil
}
