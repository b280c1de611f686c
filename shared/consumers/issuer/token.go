package issuer

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"ciclo/shared/consumers"
	"ciclo/shared/platform/assertion"
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

// Settings that issuing tokens needs besides a signer.
const (
	envIssuer   = "SIGN_ISSUER"
	envAudience = "AUDIENCE"

	// settingAudience is the one audience that assertions must have, and settingSeconds how
	// far ahead they may end. D1 wants no aud and 15 minutes; unset means the same, and an
	// aud that is there must be D1's URL, the issuer of tokens or the token endpoint: the URL
	// of the deployment is the audience of clients that ask for vouchers.
	settingAudience = "TOKEN_ASSERTION_AUDIENCE"
	settingSeconds  = "TOKEN_ASSERTION_SECONDS"
	// settingOnce makes an assertion good for one token, by its jti, when it is "true".
	settingOnce = "TOKEN_ASSERTION_ONCE"
)

var errNotConfigured = errors.New("no token can be issued: a signer (SIGN_KEY_ID, SIGN_JWKS), " + envIssuer + " and " + envAudience + " must be set")

// claims are those of an access token, as shared/platform/auth reads them of a card issuer.
type claims struct {
	Issuer    string `json:"iss"`
	Audience  string `json:"aud"`
	Subject   string `json:"sub"`
	Scope     string `json:"scope"`
	IssuedAt  int64  `json:"iat"`
	ExpiresAt int64  `json:"exp"`
	ID        string `json:"jti"`
}

// token issues an access token for an assertion. The same assertion may be sent again
// until it ends, unless the deployment wants each once: D1 asks for no jti.
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
	out.Body.TokenType, out.Body.ExpiresIn, out.Body.Scope = "Bearer", int(tokenTTL.Seconds()), r.Scopes
	return out, err
}

// invalidGrant refuses an assertion.
func invalidGrant(reason string) *problem.Problem {
	p := problem.New(consumers.InvalidGrant, "%s", reason)
	p.OAuth = problem.OAuthInvalidGrant
	return p
}

// grant finds the key that signed an assertion, and whose it is. Everything that the
// assertion itself says is judged before the key is looked for; then there is one
// refusal, lest it tells which issuers and keys there are.
func (s *Store) grant(ctx context.Context, text string) (*record, string, error) {
	b, reasons := assertion.ParseBearer(text, s.expected, s.now())
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
		return nil, "", errors.New("issuer: what is stored as a key is no point of P-256")
	}
	if !b.SignedBy(key) {
		return nil, "", refusal
	}
	return r, b.Issuer, s.use(ctx, b)
}

// use uses an assertion, where each is good for one token. It is remembered until it ends.
func (s *Store) use(ctx context.Context, b assertion.Bearer) error {
	if !s.expected.JTI {
		return nil
	}
	err := s.db.Write(ctx, table.Put("assertion", usedKey(b), used{b.ExpiresAt.Add(time.Second).Unix()}, table.NotExists()))
	if table.AsRefused(err) != nil {
		return invalidGrant("The assertion was used before: make a new one, with a jti of its own, for each token.")
	}
	return err
}

// used is an assertion that was used.
type used struct {
	TTL int64 `dynamodbav:"ttl"`
}
