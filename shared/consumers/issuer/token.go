package issuer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"ciclo/shared/consumers"
	"ciclo/shared/consumers/grant"
	"ciclo/shared/platform/jose"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

const (
	grantType = "urn:ietf:params:oauth:grant-type:jwt-bearer"
	tokenTTL  = 15 * time.Minute
	// published is the audience that clients of D1 send (D1 v1, OAuth 2.0).
	published = "https://api.d1.thalescloud.io"
)

// The settings for issuing tokens. A signer is needed too.
const (
	envIssuer   = "SIGN_ISSUER"
	envAudience = "AUDIENCE"

	// settingAudience is the only audience that assertions may have, and settingSeconds how
	// far ahead they may expire. Without these settings it is as in D1: aud may be missing,
	// and 15 minutes. An aud must then be D1's URL, the issuer of tokens or the token
	// endpoint, not the URL of the deployment, which is the audience of voucher clients.
	settingAudience = "TOKEN_ASSERTION_AUDIENCE"
	settingSeconds  = "TOKEN_ASSERTION_SECONDS"
	// settingOnce limits an assertion to one token, by its jti, when it is "true".
	settingOnce = "TOKEN_ASSERTION_ONCE"
)

var errNotConfigured = errors.New(
	"no token can be issued: a signer (SIGN_KEY_ID, SIGN_JWKS), " + envIssuer + " and " + envAudience + " must be set")

// claims are the claims of an access token of a card issuer, as shared/platform/auth reads them.
type claims struct {
	Issuer    string `json:"iss"`
	Audience  string `json:"aud"`
	Subject   string `json:"sub"`
	Scope     string `json:"scope"`
	IssuedAt  int64  `json:"iat"`
	ExpiresAt int64  `json:"exp"`
	ID        string `json:"jti"`
}

// token issues an access token for an assertion. The same assertion may be sent again until it
// expires, because D1 requires no jti. settingOnce changes that.
func (s *Store) token(ctx context.Context, in *TokenInput) (*TokenOutput, error) {
	if s.signer == nil || s.url == "" || s.audience == "" {
		return nil, problem.New(consumers.ServiceUnavailable, "Access tokens are not issued here at the moment.").Because(errNotConfigured)
	}
	if in.Body.GrantType != grantType {
		p := problem.New(consumers.UnsupportedGrantType, "The parameter grant_type must be %s.", grantType)
		p.OAuth = problem.OAuthUnsupportedGrantType
		return nil, p
	}
	r, issuerID, err := s.grant(ctx, in.Body.Assertion)
	if err != nil {
		return nil, err
	}
	id, err := uuid.NewRandomFromReader(s.entropy)
	if err != nil {
		return nil, fmt.Errorf("issuer: id of a token: %w", err)
	}
	now := s.now()
	out := &TokenOutput{CacheControl: "no-store"}
	out.Body.AccessToken, err = s.signer.Sign(ctx, "at+jwt", claims{
		Issuer: consumers.TokenIssuer(s.url), Audience: s.audience, Subject: issuerID, Scope: r.Scopes,
		IssuedAt: now.Unix(), ExpiresAt: now.Add(tokenTTL).Unix(), ID: id.String(),
	})
	out.Body.TokenType = "Bearer"
	out.Body.ExpiresIn = int(tokenTTL.Seconds())
	out.Body.Scope = r.Scopes
	return out, err
}

// invalidGrant returns the refusal of an assertion.
func invalidGrant(reason string) *problem.Problem {
	p := problem.New(consumers.InvalidGrant, "%s", reason)
	p.OAuth = problem.OAuthInvalidGrant
	return p
}

// grant returns the key that signed an assertion, and its issuer. All claims are checked before
// the key is read. After that there is one refusal for all failures: different refusals would
// reveal which issuers and keys exist. TestRefusalsTellNothing proves it.
func (s *Store) grant(ctx context.Context, text string) (*record, string, error) {
	b, reasons := grant.Parse(text, s.expected, s.now())
	if reasons != nil {
		p := invalidGrant(reasons[0])
		for _, reason := range reasons {
			p.Fields = append(p.Fields, problem.Field{Name: "body.assertion", Code: consumers.InvalidGrant.Name, Detail: reason})
		}
		return nil, "", p
	}
	item, err := s.db.Get(ctx, keyOf(b.Issuer, b.Kid))
	if err != nil {
		return nil, "", err
	}
	r, err := table.As[record](item)
	if err != nil {
		return nil, "", err
	}
	refusal := invalidGrant("The assertion is not signed by a key that is registered for its iss under its kid.")
	if r == nil {
		return nil, "", refusal
	}
	key := jose.NewP256(r.X, r.Y)
	if key == nil {
		return nil, "", errors.New("issuer: a stored key is not a point of P-256")
	}
	if !b.SignedBy(key) {
		return nil, "", refusal
	}
	return r, b.Issuer, s.use(ctx, b)
}

// use marks an assertion as used, if the deployment allows one token for each. The mark is
// kept until the assertion expires.
func (s *Store) use(ctx context.Context, b grant.Assertion) error {
	if !s.expected.JTI {
		return nil
	}
	err := s.db.Write(ctx, table.Put("assertion", usedKey(b), used{TTL: b.ExpiresAt.Add(time.Second).Unix()}, table.NotExists()))
	if table.AsRefused(err) != nil {
		return invalidGrant("The assertion was used before. Make a new one for each token, with a new jti.")
	}
	return err
}

// used is the mark of a used assertion.
type used struct {
	TTL int64 `dynamodbav:"ttl"`
}
