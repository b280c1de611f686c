package voucher

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/interop/client"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/assertion"
	"ciclo/shared/platform/journal"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/sign"
	"ciclo/shared/platform/table"
)

// Store issues vouchers.
type Store struct {
	db      table.DB
	now     func() time.Time
	entropy io.Reader
	signer  *sign.Signer // nil where the deployment has no keys
	keys    *sign.Keys   // the same
	events  *journal.Journal
	issuer  string
	explain bool

	expected assertion.Expected // of assertions
	once     bool               // an assertion is good for one voucher
}

// Settings of the deployment.
const (
	settingIssuer = "SIGN_ISSUER"
	settingErrors = "VOUCHER_ERRORS" // "generic" says nothing but that a voucher is refused

	// settingAudience is the one audience of assertions, and settingSeconds their greatest
	// lifetime. PDND has an audience of its own, and no greatest lifetime. Unset means any
	// lifetime, and the issuer or the token endpoint as the audience.
	settingAudience = "VOUCHER_ASSERTION_AUDIENCE"
	settingSeconds  = "VOUCHER_ASSERTION_SECONDS"
	// settingOnce makes an assertion good for one voucher, by its jti, when it is "true".
	// PDND lets it be used until it ends.
	settingOnce = "VOUCHER_ASSERTION_ONCE"
)

// NewStore makes the store. Without keys or the issuer's name it issues nothing.
func NewStore(deps api.Deps) (*Store, error) {
	events, err := journal.NewShared(deps)
	if err != nil {
		return nil, err
	}
	s := &Store{
		db: deps.DB, now: deps.Now, entropy: deps.Entropy, signer: deps.Signer, keys: deps.Keys, events: events,
		issuer: strings.TrimSuffix(deps.Setting(settingIssuer), "/"), explain: deps.Setting(settingErrors) != "generic",
	}
	if s.issuer == "" {
		s.signer, s.keys = nil, nil
	}
	s.expected = assertion.Expected{Audiences: []string{s.issuer, s.endpoint()}, Algorithms: algorithms}
	if audience := deps.Setting(settingAudience); audience != "" {
		s.expected.Audiences = []string{audience}
	}
	s.once = deps.Setting(settingOnce) == "true"
	s.expected.MaxLifetime, err = api.Seconds(deps.Setting, settingSeconds, 0)
	return s, err
}

const issuePath = "/token.oauth2"

// endpoint is where vouchers are asked for.
func (s *Store) endpoint() string { return s.issuer + issuePath }

func notConfigured() error {
	return problem.New(interop.VouchersNotAvailable, "This deployment issues no vouchers.").
		Because(errors.New("SIGN_ISSUER is not set, or neither SIGN_JWKS nor SIGN_KEY_ID"))
}

// claims is what a voucher says (PDND, interop token).
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
	token, kind string
	lifespan    int64 // seconds
}

// The types of tokens (RFC 6750, RFC 9449).
const (
	bearer = "Bearer"
	dpop   = "DPoP"
)

// issue gives a client the voucher that it asks for, or says why not. A voucher leaves an
// event in the log of the client, and is not given without; refusals see refuse.
func (s *Store) issue(ctx context.Context, r request) (*voucher, error) {
	if s.signer == nil {
		return nil, notConfigured()
	}
	x, err := s.examine(ctx, r)
	if err != nil {
		return nil, err
	}
	if step, failures := x.refusal(); failures != nil {
		return nil, s.refuse(ctx, x, step, failures)
	}
	v, c, err := s.mint(ctx, x)
	if err != nil {
		return nil, err
	}
	var uses []table.Step
	if x.proof != nil {
		uses = append(uses, use(x.proof))
	}
	if s.once {
		uses = append(uses, useAssertion(x.assertion))
	}
	err = s.keep(ctx, x.client.ID, event{
		Decision: decisionIssued, PurposeID: x.purpose.ID, Kid: x.assertion.Kid, AssertionID: clipped(x.assertion.JTI), VoucherID: c.JTI, Type: v.kind,
	}, uses...)
	if refused := table.AsRefused(err); refused != nil { // by another request, since it was read
		if _, again := refused.By(labelAssertion); again {
			return nil, s.refuse(ctx, x, stepSignature, []assertion.Failure{assertionUsedBefore()})
		}
		if _, again := refused.By(labelProof); again {
			return nil, s.refuse(ctx, x, stepProof, []assertion.Failure{usedBefore()})
		}
	}
	return v, err
}

// mint makes the voucher.
func (s *Store) mint(ctx context.Context, x *examination) (*voucher, *claims, error) {
	id, err := interop.NewID(s.entropy)
	if err != nil {
		return nil, nil, err
	}
	now := s.now().Unix()
	c := &claims{
		JTI: id, Issuer: s.issuer, Audience: x.live.Audience, ClientID: x.client.ID, Subject: x.client.ID,
		IssuedAt: now, NotBefore: now, Expires: now + x.live.VoucherLifespan, PurposeID: x.purpose.ID,
		ProducerID: x.purpose.ProducerID, ConsumerID: x.purpose.ConsumerID, EServiceID: x.purpose.EServiceID, DescriptorID: x.live.ID,
	}
	if d := x.assertion.Digest; d != nil {
		c.Digest = &digest{d.Alg, d.Value}
	}
	v := &voucher{kind: bearer, lifespan: x.live.VoucherLifespan}
	if x.proof != nil {
		v.kind, c.Confirmation = dpop, map[string]string{"jkt": x.proof.JKT}
	}
	v.token, err = s.signer.Sign(ctx, "at+jwt", c)
	return v, c, err
}

// refuse says why a voucher was refused, as far as the deployment lets it. The client's
// log has it when a key of the client has signed the assertion. Otherwise anybody may have
// sent it, and it is counted by a metric alone: who knows the id of a client could fill its
// log and keep its vouchers waiting.
func (s *Store) refuse(ctx context.Context, x *examination, step int, failures []assertion.Failure) error {
	p := problem.New(interop.TokenRefused, "Unable to generate a token for the given request")
	p.OAuth = problem.OAuthInvalidClient // the least that there is to say
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
	if err := s.keep(ctx, id, event{
		Decision: decisionRefused, Reasons: names, PurposeID: x.assertion.PurposeID, Kid: x.assertion.Kid, AssertionID: clipped(x.assertion.JTI),
	}); err != nil {
		return err
	}
	return p
}

// metricUnsigned counts refusals of requests that no client is known to have sent.
const metricUnsigned = "TokenRequestsUnsigned"

// signatory is the client one of whose keys has signed the assertion, "" for none. An
// assertion that was refused before its key was looked for is looked at here, if it names
// a client and a key.
func (s *Store) signatory(ctx context.Context, x *examination) (string, error) {
	a := x.assertion
	switch {
	case x.signed:
		return a.ClientID, nil
	case x.read, a.ClientID == "", a.Kid == "":
		return "", nil
	}
	items, err := s.db.BatchGet(ctx, []table.Key{client.ClientKey(a.ClientID), client.CredentialKey(a.ClientID, a.Kid)})
	if err != nil || items[0] == nil {
		return "", err
	}
	credential, err := table.As[client.Credential](items[1])
	if err != nil || credential == nil || !credential.Signs() || len(a.SignedBy(credential.JWK.Public(), credential.JWK.Algorithm)) > 0 {
		return "", err
	}
	return a.ClientID, nil
}
