// Package issuer gives access tokens to the back ends of card issuers. The platform's operator
// registers their public keys; the token endpoint issues a token for an assertion that is
// signed with a registered key (Thales D1 v1, OAuth 2.0; RFC 7523).
package issuer

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"ciclo/shared/consumers"
	"ciclo/shared/consumers/consumer"
	"ciclo/shared/consumers/grant"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/sign"
	"ciclo/shared/platform/table"
)

// Store reads and changes keys and issues tokens.
type Store struct {
	db       table.DB
	now      func() time.Time
	entropy  io.Reader
	signer   *sign.Signer
	keys     *sign.Keys
	url      string // of the deployment
	audience string // of its tokens
	expected grant.Expected
}

// NewStore makes the store. The settings for issuing tokens are checked when a token is
// requested, because the operations on keys do not need them.
func NewStore(deps api.Deps) (*Store, error) {
	s := &Store{
		db: deps.DB, now: deps.Now, entropy: deps.Entropy, signer: deps.Signer, keys: deps.Keys,
		url: deps.Setting(envIssuer), audience: deps.Setting(envAudience),
	}
	tokens := consumers.TokenIssuer(s.url)
	// D1 publishes its token endpoint below /authz/v1 (D1 v1), and so does the sandbox.
	here := s.url + "/authz/v1/oauth2/token"
	s.expected = grant.Expected{
		Audiences: []string{tokens + "/token", tokens, here, published},
		JTI:       deps.Setting(settingOnce) == "true",
	}
	if audience := deps.Setting(settingAudience); audience != "" {
		s.expected.Audiences = []string{audience}
		s.expected.Audience = true
	}
	var err error
	s.expected.MaxTTL, err = api.Seconds(deps.Setting, settingSeconds, grant.MaxTTL)
	return s, err
}

// record is a stored key.
type record struct {
	SK     string `dynamodbav:"sk"`
	X      string `dynamodbav:"x"`
	Y      string `dynamodbav:"y"`
	Scopes string `dynamodbav:"scopes"` // sorted, with spaces between
}

const labelKey = "key"

// register stores a key in the place of any other one with its kid. It needs no condition: of
// two concurrent calls the later one counts, and a repeated call stores the same.
func (s *Store) register(ctx context.Context, in *RegisterKeyInput) error {
	r := record{X: in.Body.Key.X, Y: in.Body.Key.Y, Scopes: strings.Join(slices.Sorted(slices.Values(in.Body.Scopes)), " ")}
	return s.db.Write(ctx, table.Put(labelKey, keyOf(in.IssuerID, in.KID), r))
}

// delete removes a key.
func (s *Store) delete(ctx context.Context, issuerID, kid string) error {
	err := s.db.Write(ctx, table.Delete(labelKey, keyOf(issuerID, kid), table.Exists()))
	if table.AsRefused(err) != nil {
		return problem.New(consumers.IssuerKeyNotFound, "The issuer has no key with this kid.")
	}
	return err
}

// list returns a page of an issuer's keys and how many follow. It reads all keys to count
// them: an issuer has few, mostly two while it changes from one to the next.
func (s *Store) list(ctx context.Context, in *ListKeysInput) ([]KeyView, int, error) {
	page := []KeyView{}
	seen := 0
	q := table.Query{Table: consumer.Consumers.Name, PK: partition(in.IssuerID), Consistent: true}
	err := table.All(ctx, s.db, q, func(item table.Item) error {
		r, err := table.As[record](item)
		if err == nil && in.Offset <= seen && len(page) < in.Limit {
			page = append(page, r.view())
		}
		seen++
		return err
	})
	return page, max(0, seen-in.Offset-len(page)), err
}

func (r *record) view() KeyView {
	return KeyView{
		KID:    strings.TrimPrefix(r.SK, keyPrefix),
		Key:    JWK{Type: "EC", Curve: "P-256", X: r.X, Y: r.Y},
		Scopes: strings.Fields(r.Scopes),
	}
}
