package voucher

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"time"

	"ciclo/shared/api"
	"ciclo/shared/assertion"
	"ciclo/shared/client"
	"ciclo/shared/journal"
	"ciclo/shared/pdnd"
	"ciclo/shared/problem"
	"ciclo/shared/sign"
	"ciclo/shared/table"
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
}

// Settings of the deployment.
const (
	settingIssuer = "SIGN_ISSUER"
	settingErrors = "VOUCHER_ERRORS" // "generic" says nothing but that a voucher is refused
)

// NewStore makes the store. Without keys or the issuer's name it issues nothing.
func NewStore(deps api.Deps) (*Store, error) {
	events, err := journal.New(deps)
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
	return s, nil
}

const issuePath = "/token.oauth2"

// endpoint is where vouchers are asked for.
func (s *Store) endpoint() string { return s.issuer + issuePath }

func notConfigured() error {
	return problem.New(problem.VouchersNotAvailable, "This deployment issues no vouchers.").
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

// issue gives a client the voucher that it asks for, or says why not. Either leaves
// an event of the client; a voucher without one is given to nobody.
func (s *Store) issue(ctx context.Context, r request) (*voucher, error) {
	if s.signer == nil {
		return nil, notConfigured()
	}
	x, err := s.examine(ctx, r)
	if err != nil {
		return nil, err
	}
	if failures := x.refusal(); failures != nil {
		return nil, s.refuse(ctx, r, x, failures)
	}
	v, c, err := s.mint(ctx, x)
	if err != nil {
		return nil, err
	}
	steps, err := s.record(ctx, x.client.ID, event{
		Decision: decisionIssued, PurposeID: x.purpose.ID, Kid: x.assertion.Kid, AssertionID: clipped(x.assertion.JTI), VoucherID: c.JTI, Type: v.kind,
	})
	if err != nil {
		return nil, err
	}
	if x.proof != nil {
		steps = append(steps, use(x.proof))
	}
	err = s.db.Write(ctx, steps...)
	if refused := table.AsRefused(err); refused != nil {
		if _, again := refused.By(labelProof); again { // by another request, since it was read
			return nil, s.refuse(ctx, r, x, []assertion.Failure{usedBefore()})
		}
	}
	return v, err
}

// mint makes the voucher.
func (s *Store) mint(ctx context.Context, x *examination) (*voucher, *claims, error) {
	id, err := pdnd.NewID(s.entropy)
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

// refuse records that a voucher was refused, where the client is known, and says why
// as far as the deployment lets it.
func (s *Store) refuse(ctx context.Context, r request, x *examination, failures []assertion.Failure) error {
	p := problem.New(problem.TokenRefused, "Unable to generate a token for the given request")
	names := make([]string, len(failures))
	for i, f := range failures {
		names[i] = f.Name
		if s.explain {
			p.Fields = append(p.Fields, problem.Field{Name: f.Name, Code: f.Name, Detail: f.Reason})
		}
	}
	api.Annotate(ctx, slog.Any("reasons", names))
	if err := s.blame(ctx, r, x, event{
		Decision: decisionRefused, Reasons: names, PurposeID: x.assertion.PurposeID, Kid: x.assertion.Kid, AssertionID: clipped(x.assertion.JTI),
	}); err != nil {
		return err
	}
	return p
}

// blame records that a voucher was refused with the client that asked for it, if there
// is one.
func (s *Store) blame(ctx context.Context, r request, x *examination, e event) error {
	id, err := s.asking(ctx, r, x)
	if err != nil || id == "" {
		return err
	}
	steps, err := s.record(ctx, id, e)
	if err != nil {
		return err
	}
	return s.db.Write(ctx, steps...)
}

// asking is the client that asks for a voucher, "" for none: where it is not known yet,
// the one that the request names, or else the assertion.
func (s *Store) asking(ctx context.Context, r request, x *examination) (string, error) {
	if x.client != nil {
		return x.client.ID, nil
	}
	id := strings.ToLower(r.ClientID)
	if !isID(id) {
		id = x.assertion.ClientID
	}
	if !isID(id) {
		return "", nil
	}
	item, err := s.db.Get(ctx, client.ClientKey(id))
	if err != nil || item == nil {
		return "", err
	}
	return id, nil
}
