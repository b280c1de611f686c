// Package issuer is how card issuers' back ends get access tokens: the public keys
// that the platform's operator registers for them, and the token endpoint that gives
// a token for an assertion signed with one (Thales D1 v1, OAuth 2.0; RFC 7523).
package issuer

import (
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"ciclo/shared/consumers"
	"ciclo/shared/consumers/consumer"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/assertion"
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
	expected assertion.BearerExpected
}

// NewStore makes the store. What issuing tokens needs is looked for when one is
// asked for: the operations on keys go without.
func NewStore(deps api.Deps) (*Store, error) {
	s := &Store{
		db: deps.DB, now: deps.Now, entropy: deps.Entropy, signer: deps.Signer, keys: deps.Keys,
		url: deps.Setting(envIssuer), audience: deps.Setting(envAudience),
	}
	tokens := consumers.TokenIssuer(s.url)
	// D1 publishes its token endpoint below /authz/v1 (D1 v1), where the sandbox has it too.
	here := s.url + "/authz/v1/oauth2/token"
	s.expected = assertion.BearerExpected{Audiences: []string{tokens + "/token", tokens, here, published}, JTI: deps.Setting(settingOnce) == "true"}
	if audience := deps.Setting(settingAudience); audience != "" {
		s.expected.Audiences, s.expected.Audience = []string{audience}, true
	}
	var err error
	s.expected.MaxTTL, err = api.Seconds(deps.Setting, settingSeconds, assertion.MaxBearerTTL)
	return s, err
}

// record is a key as it is stored.
type record struct {
	SK     string `dynamodbav:"sk"`
	X      string `dynamodbav:"x"`
	Y      string `dynamodbav:"y"`
	Scopes string `dynamodbav:"scopes"` // sorted, with spaces between
}

const labelKey = "key"

// register puts a key in the place of what is there. There is nothing to refuse:
// of two at once the later one counts, and one that comes again is the same.
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

// list returns a page of an issuer's keys and how many follow. An issuer has as many
// as it takes to change from one to the next, so they are counted by reading them.
func (s *Store) list(ctx context.Context, in *ListKeysInput) ([]KeyView, int, error) {
	page, seen := []KeyView{}, 0
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
