package voucher

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/interop/assertion"
	"ciclo/shared/interop/client"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/journal"
	"ciclo/shared/platform/keyring"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/rate"
	"ciclo/shared/platform/sign"
	"ciclo/shared/platform/table"
)

// Store issues vouchers.
type Store struct {
	db      table.DB
	now     func() time.Time
	entropy io.Reader
	signer  *sign.Signer  // nil where the deployment has no keys
	keys    *sign.Keys    // the same
	ring    *keyring.Ring // the key in memory; nil where KMS signs every voucher
	isKMS   bool          // KMS is to sign every voucher
	events  *journal.Trail
	issuer  string
	explain bool // answers say why a voucher is refused
	api     apiTokens

	endpoints []string // URLs of the token endpoint as clients know them
	expected  assertion.Expected
	once      bool // an assertion can be used for one voucher only
	parties   partiesOf
	limiter   *rate.Limiter
}

// Settings of the deployment.
const (
	settingIssuer = "SIGN_ISSUER"
	settingErrors = "VOUCHER_ERRORS" // "generic" answers without the reason of a refusal

	// settingAPIAudience is the audience of the vouchers of API clients, which the authorizer
	// of this API accepts; by default it is below the issuer. settingAPISeconds is how long
	// they are valid, by default ten minutes.
	settingAPIAudience = "SIGN_AUDIENCE"
	settingAPISeconds  = "API_TOKEN_SECONDS"

	// settingAudience is the only audience of assertions, settingSeconds their longest
	// lifetime. By default the audience is the issuer or the token endpoint, and any lifetime
	// is accepted. PDND has an audience of its own and accepts any lifetime.
	settingAudience = "VOUCHER_ASSERTION_AUDIENCE"
	settingSeconds  = "VOUCHER_ASSERTION_SECONDS"
	// settingOnce, when "true", accepts each assertion for one voucher only, by its jti. PDND
	// accepts it until it expires.
	settingOnce = "VOUCHER_ASSERTION_ONCE"
)

// NewStore makes the store. Without signing keys or the name of the issuer it issues nothing.
func NewStore(deps api.Deps) (*Store, error) {
	events, err := journal.NewTrail(deps)
	if err != nil {
		return nil, err
	}
	s := &Store{
		db:      deps.DB,
		now:     deps.Now,
		entropy: deps.Entropy,
		signer:  deps.Signer,
		keys:    deps.Keys,
		events:  events,
		issuer:  strings.TrimSuffix(deps.Setting(settingIssuer), "/"),
		explain: deps.Setting(settingErrors) != "generic",
	}
	s.isKMS = deps.Setting(interop.SettingVoucherKey) == interop.VoucherKeyKMS
	if deps.Sealer != nil && !s.isKMS {
		s.ring = keyring.New(interop.VoucherKeys(deps))
	}
	if s.issuer == "" {
		s.signer = nil
		s.keys = nil
	}
	s.expected = assertion.Expected{Audiences: []string{s.issuer, s.endpoint()}, Algorithms: algorithms}
	s.endpoints = []string{s.endpoint()}
	for _, alias := range deps.Aliases {
		s.endpoints = append(s.endpoints, alias+issuePath)
		s.expected.Aliases = append(s.expected.Aliases, alias, alias+issuePath)
	}
	if audience := deps.Setting(settingAudience); audience != "" {
		s.expected.Audiences = []string{audience}
		s.expected.Aliases = nil
	}
	s.once = deps.Setting(settingOnce) == "true"
	if s.api, err = apiTokensFrom(deps.Setting, s.issuer); err != nil {
		return nil, err
	}
	if s.expected.MaxLifetime, err = api.Seconds(deps.Setting, settingSeconds, 0); err != nil {
		return nil, err
	}
	s.limiter, err = newLimiter(deps)
	return s, err
}

const issuePath = "/token.oauth2"

// endpoint returns the URL of the token endpoint.
func (s *Store) endpoint() string { return s.issuer + issuePath }

func notConfigured() error {
	return problem.New(interop.VouchersNotAvailable, "This deployment issues no vouchers.").
		Because(errors.New("SIGN_ISSUER is not set, or neither SIGN_JWKS nor SIGN_KEY_ID"))
}

// claims are the claims of a voucher for an e-service (PDND, interop token).
type claims struct {
	JTI          string            `json:"jti"`
	Issuer       string            `json:"iss"`
	Audience     []string          `json:"aud"`
	ClientID     string            `json:"client_id"`
	Subject      string            `json:"sub"`
	IssuedAt     int64             `json:"iat"`
	NotBefore    int64             `json:"nbf"`
	Expires      int64             `json:"exp"`
	PurposeID    string            `json:"purposeId"`
	Digest       *digest           `json:"digest,omitempty"`
	ProducerID   string            `json:"producerId"`
	ConsumerID   string            `json:"consumerId"`
	EServiceID   string            `json:"eserviceId"`
	DescriptorID string            `json:"descriptorId"`
	Confirmation map[string]string `json:"cnf,omitempty"`
}

type digest struct {
	Alg   string `json:"alg"`
	Value string `json:"value"`
}

// voucher is a token that was issued.
type voucher struct {
	id          string // its jti
	token, kind string
	lifespan    int64 // seconds
}

// The types of tokens (RFC 6750, RFC 9449).
const (
	bearer = "Bearer"
	dpop   = "DPoP"
)

// issue returns the voucher that a client asks for, or a refusal (see refuse).
//
// The event of the voucher is written before the voucher is returned, so the log of a client
// has every voucher that it was given. A request takes a read and a write: two round trips, one
// more for the first voucher for a purpose in a process and for a lease of the limiter.
func (s *Store) issue(ctx context.Context, r request) (*voucher, error) {
	if s.signer == nil {
		return nil, notConfigured()
	}
	x, err := s.examineAndOpen(ctx, r)
	if err != nil {
		return nil, err
	}
	k, err := s.newEvent()
	if err != nil {
		return nil, err
	}
	if step, failures := x.refusal(); failures != nil {
		return nil, s.refuse(ctx, x, step, failures, k)
	}
	v, allowance, err := s.mintWithin(ctx, x)
	if err != nil {
		return nil, err
	}
	issued := event{
		Decision:    decisionIssued,
		PurposeID:   x.assertion.PurposeID,
		Kid:         x.assertion.Kid,
		AssertionID: truncate(x.assertion.JTI),
		VoucherID:   v.id,
		Type:        v.kind,
	}
	step, failures, err := s.finish(ctx, x, v.id, func(ctx context.Context) error { return s.record(ctx, x.client.ID, k, issued) })
	if err != nil {
		return nil, err
	}
	if failures != nil {
		return nil, s.refuse(ctx, x, step, failures, k)
	}
	api.NoteAllowance(ctx, allowance)
	return v, nil
}

// mint makes and signs the voucher.
func (s *Store) mint(ctx context.Context, x *examination) (*voucher, error) {
	id, err := interop.NewID(s.entropy)
	if err != nil {
		return nil, err
	}
	v := &voucher{id: id, kind: bearer}
	var confirmation map[string]string
	if x.proof != nil {
		v.kind = dpop
		confirmation = map[string]string{"jkt": x.proof.JKT}
	}
	var c any
	if x.client.IsAPI() {
		v.lifespan = s.api.seconds
		c = s.apiClaims(x, id, confirmation)
	} else {
		v.lifespan = x.descriptor.VoucherLifespan
		c = s.claims(x, id, confirmation)
	}
	v.token, err = s.sign(ctx, c)
	return v, err
}

// examineAndOpen examines a request. In a process that has no key yet it opens it at the same time.
func (s *Store) examineAndOpen(ctx context.Context, r request) (x *examination, err error) {
	if s.ring == nil || s.ring.IsOpen() {
		return s.examine(ctx, r, s.limiter)
	}
	err = table.Together(ctx, func(ctx context.Context) (err error) {
		x, err = s.examine(ctx, r, s.limiter)
		return err
	}, func(ctx context.Context) error {
		_, _ = s.ring.Current(ctx) // sign tries again
		return nil
	})
	return x, err
}

// sign returns a voucher with these claims, signed by the key in memory or, where that is not
// wanted or none signs yet, by KMS.
func (s *Store) sign(ctx context.Context, claims any) (string, error) {
	if s.ring != nil {
		key, err := s.ring.Current(ctx)
		if err == nil {
			return key.Sign(claims)
		}
		if !errors.Is(err, keyring.ErrNoKey) {
			return "", err
		}
	}
	return s.signer.Sign(ctx, "at+jwt", claims)
}

// claims returns the claims of a voucher for an e-service.
func (s *Store) claims(x *examination, id string, confirmation map[string]string) *claims {
	now := s.now().Unix()
	c := &claims{
		JTI:          id,
		Issuer:       s.issuer,
		Audience:     x.descriptor.Audience,
		ClientID:     x.client.ID,
		Subject:      x.client.ID,
		IssuedAt:     now,
		NotBefore:    now,
		Expires:      now + x.descriptor.VoucherLifespan,
		PurposeID:    x.purpose.ID,
		ProducerID:   x.purpose.ProducerID,
		ConsumerID:   x.purpose.ConsumerID,
		EServiceID:   x.purpose.EServiceID,
		DescriptorID: x.descriptor.ID,
		Confirmation: confirmation,
	}
	if d := x.assertion.Digest; d != nil {
		c.Digest = &digest{Alg: d.Alg, Value: d.Value}
	}
	return c
}

// refuse returns the refusal of a voucher. It has the reasons, unless the deployment hides
// them.
//
// The refusal is written to the log of the client only when a key of the client has signed
// the assertion. Other requests may come from anyone who knows the id of the client; if they
// were logged, they could fill its log and slow down its vouchers. They are counted by a
// metric (TestWhoseLogGrows).
func (s *Store) refuse(ctx context.Context, x *examination, step int, failures []assertion.Failure, k eventKey) error {
	p := problem.New(interop.TokenRefused, "Unable to generate a token for the given request")
	p.OAuth = problem.OAuthInvalidClient // reveals the least
	if s.explain {
		p.OAuth = oauthError(step, failures)
	}
	names := make([]string, len(failures))
	for i, f := range failures {
		names[i] = f.Name
	}
	if s.explain {
		for _, f := range x.public(step, failures) {
			p.Fields = append(p.Fields, problem.Field{Name: f.Name, Code: f.Name, Detail: f.Reason})
		}
	}
	api.Annotate(ctx, slog.Any("reasons", names))
	id, err := s.signatory(ctx, x)
	if err != nil {
		return err
	}
	if id == "" {
		api.Annotate(ctx, api.Metrics(s.now(), api.Metric{Name: metricUnsigned, Unit: "Count", Value: 1})...)
		return p
	}
	err = s.record(ctx, id, k, event{
		Decision:    decisionRefused,
		Reasons:     names,
		PurposeID:   x.assertion.PurposeID,
		Kid:         x.assertion.Kid,
		AssertionID: truncate(x.assertion.JTI),
	})
	if err != nil {
		return err
	}
	return p
}

// metricUnsigned counts refused requests that no key of a client has signed.
const metricUnsigned = "TokenRequestsUnsigned"

// signatory returns the client whose key has signed the assertion, "" for none. The key of
// an assertion that was refused before its key was read is read here.
func (s *Store) signatory(ctx context.Context, x *examination) (string, error) {
	a := x.assertion
	switch {
	case x.isSigned:
		return a.ClientID, nil
	case x.isRead, a.ClientID == "", a.Kid == "":
		return "", nil
	}
	items, err := s.db.BatchGet(ctx, []table.Key{client.ClientKey(a.ClientID), client.CredentialKey(a.ClientID, a.Kid)})
	if err != nil || items[0] == nil {
		return "", err
	}
	credential, err := table.As[client.Credential](items[1])
	if err != nil || credential == nil || !credential.IsForSigning() {
		return "", err
	}
	if failures := a.SignedBy(credential.JWK.Public(), credential.JWK.Algorithm); len(failures) > 0 {
		return "", nil
	}
	return a.ClientID, nil
}
