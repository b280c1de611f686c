// Package door decides who comes in to the API of the interop product: it examines the
// access token of a request and the DPoP proof that comes with it (RFC 9449 §7), in the
// order and with the codes of PDND's M2M gateway.
package door

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/interop/assertion"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/claims"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/rate"
	"ciclo/shared/platform/table"
)

// Tokens verifies access tokens.
type Tokens interface {
	Verify(ctx context.Context, token string) (claims.Verified, error)
}

// Limiter counts the requests of organizations. Take counts one and reports whether it is
// allowed; Ready makes what Take would have to wait for, and counts none.
type Limiter interface {
	Ready(ctx context.Context, organizationID string)
	Take(ctx context.Context, organizationID string) (api.Allowance, bool)
}

// Door decides who comes in. It is safe for concurrent use.
type Door struct {
	tokens  Tokens
	invalid error
	limiter Limiter
	db      table.DB
	now     func() time.Time
	entropy io.Reader

	mayLackAth bool
}

// Access is what a Door and the registration of its callers (package tenant) do to the table.
var Access = interop.Access("BatchGetItem", "PutItem", "UpdateItem")

// group is the name of the counts of requests for all editions of the API.
const group = "gateway"

// Settings are the environment variables that Open reads.
var Settings = rate.Settings("")

// Open makes a door with the limiter that the settings ask for. Errors of tokens that wrap
// invalid mean that a token is not valid.
func Open(deps api.Deps, tokens Tokens, invalid error) (*Door, error) {
	rule, err := rate.RuleFrom(deps.Setting, "")
	if err != nil {
		return nil, err
	}
	return New(deps, tokens, invalid, rate.New(deps, interop.Table.Name, group, rule)), nil
}

// New makes a door. Errors of tokens that wrap invalid mean that a token is not valid. A nil
// limiter allows everything.
func New(deps api.Deps, tokens Tokens, invalid error, limiter Limiter) *Door {
	return &Door{tokens: tokens, invalid: invalid, limiter: limiter, db: deps.DB, now: deps.Now, entropy: deps.Entropy}
}

// AcceptNoAth makes the door accept proofs without the claim ath, which PDND refuses and some
// clients send. It is for the sandbox: such a proof fits every token that is bound to its key.
func (d *Door) AcceptNoAth() { d.mayLackAth = true }

// Enter returns the caller of a request, or why the request is refused. urls are the
// addresses at which the client may have sent it. The context has the base path
// (api.WithBase). An error means that neither could be found out.
//
// The first check that fails decides (PDND, M2M gateway v3). On plain paths a request without
// a usable credential is 401, where PDND has 400. Nothing is read or written
// before the token, the proof and their keys are found valid, so a proof is used up only by
// a request that its key has signed. The last checks are made at the same time: they take
// one round trip together.
func (d *Door) Enter(ctx context.Context, method string, urls []string, header http.Header) (api.Identity, *api.Refusal, error) {
	id, err := d.enter(ctx, method, urls, header)
	var refused *refusal
	switch {
	case errors.As(err, &refused):
		if refused.Code.Status == http.StatusBadRequest && !interop.IsPublished(api.BaseFrom(ctx)) {
			refused.Code = interop.TokenNotValid // which clients expect that do not know PDND
		}
		return api.Identity{}, &refused.Refusal, nil
	case err != nil:
		return api.Identity{}, nil, err
	}
	return id, nil, nil
}

func (d *Door) enter(ctx context.Context, method string, urls []string, header http.Header) (api.Identity, error) {
	sent, err := readCredential(header, interop.IsV2(api.BaseFrom(ctx)))
	if err != nil {
		return api.Identity{}, err
	}
	token, err := d.verify(ctx, sent)
	if err != nil || !sent.isBound {
		return d.admit(ctx, token, nil, err)
	}
	use := assertion.Use{Method: method, URLs: urls, Token: sent.token, MayLackAth: d.mayLackAth}
	proof, err := d.prove(use, sent.proofs, token.JKT)
	return d.admit(ctx, token, &proof, err)
}

// refusal is the error of a request that is refused.
type refusal struct{ api.Refusal }

func (r *refusal) Error() string { return r.Reason }

func refuse(code problem.Code, reason string) error {
	return &refusal{api.Refusal{Code: code, Reason: reason}}
}

// credential is what a request brings.
type credential struct {
	token   string
	isBound bool     // the scheme is DPoP
	proofs  []string // DPoP headers
}

// Schemes of the header Authorization.
const (
	schemeBearer = "bearer"
	schemeDPoP   = "dpop"
)

// readCredential reads the headers of a request. PDND takes the scheme DPoP alone in v3 and
// Bearer alone in v2; here Bearer goes everywhere, for tokens that are bound to no key.
func readCredential(header http.Header, isV2 bool) (credential, error) {
	values := header.Values("Authorization")
	switch {
	case header.Get("Authorization") == "" && len(values) <= 1:
		return credential{}, refuse(interop.MissingHeader, "the header Authorization is missing")
	case len(values) > 1:
		return credential{}, refuse(interop.BadScheme, "there is more than one header Authorization")
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	scheme = strings.ToLower(scheme)
	c := credential{token: token, isBound: scheme == schemeDPoP, proofs: header.Values("DPoP")}
	switch {
	case token == "" || scheme != schemeBearer && scheme != schemeDPoP:
		return c, refuse(interop.BadScheme, "the header Authorization must be DPoP or Bearer, a space and an access token")
	case c.isBound && isV2:
		return c, refuse(interop.BadScheme, "v2 takes the scheme Bearer alone: call v3, or ask for a token without a DPoP proof")
	case c.isBound && strings.Join(c.proofs, "") == "":
		return c, refuse(interop.MissingHeader, "the header DPoP is missing: send a proof with a token of the scheme DPoP")
	}
	return c, nil
}

// verify verifies the token of a request.
func (d *Door) verify(ctx context.Context, sent credential) (claims.Verified, error) {
	token, err := d.tokens.Verify(ctx, sent.token)
	if errors.Is(err, d.invalid) {
		return token, refuse(interop.TokenNotValid, strings.TrimPrefix(err.Error(), d.invalid.Error()+": "))
	}
	if err != nil {
		return token, err
	}
	if fault := tokenFault(token, sent.isBound); fault != "" {
		return token, refuse(interop.TokenNotValid, fault)
	}
	if interop.IsPublished(api.BaseFrom(ctx)) && !isMember(token) {
		return token, refuse(interop.TokenNotValid, "it is of no organization with a role of this API")
	}
	return token, nil
}

// isMember tells whether a token is of an organization with a role that operations ask for.
// PDND refuses all others as not valid; on plain paths they lack a right (403).
func isMember(token claims.Verified) bool {
	return token.Caller.Kind == interop.KindOrganization && token.Caller.HasScope(interop.Readers...)
}

// tokenFault returns what is wrong with the claims of a token for its scheme, "" for nothing.
func tokenFault(token claims.Verified, isBound bool) string {
	switch {
	case token.Bound && !isBound:
		return "it is bound to a key by its claim cnf, which a bearer token cannot show: send it with the scheme DPoP and a proof"
	case isBound && token.JKT == "":
		return "it is not bound to a key by its claim cnf.jkt: send it with the scheme Bearer, or ask for one with a DPoP proof"
	case isBound && token.Caller.Client == "":
		return "no usable client id"
	case isBound && token.Caller.User == "" && isAdmin(token):
		return "no usable admin id"
	}
	return ""
}

func isAdmin(token claims.Verified) bool {
	return token.Caller.Kind == interop.KindOrganization && token.Caller.HasScope(interop.RoleAdmin)
}

// prove verifies the proof of a request, whose token is bound to the key with that
// thumbprint.
func (d *Door) prove(use assertion.Use, proofs []string, jkt string) (assertion.Proof, error) {
	proof, failures := assertion.ReadProofFor(use, proofs, d.now())
	code := interop.ProofNotValid
	if failures == nil {
		failures = proof.Verify()
		code = interop.ProofSignature
	}
	if failures == nil {
		failures = proof.Binds(jkt)
		code = interop.ProofOfAnotherKey
	}
	if failures == nil {
		return proof, nil
	}
	reasons := make([]string, len(failures))
	for i, f := range failures {
		reasons[i] = f.Name + ": " + strings.TrimSuffix(f.Reason, ".")
	}
	return proof, refuse(code, strings.Join(reasons, "; "))
}
