package door

import (
	"context"
	"slices"

	"ciclo/shared/interop"
	"ciclo/shared/interop/assertion"
	"ciclo/shared/interop/client"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/claims"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// admit makes the checks that read and write, unless an earlier one has failed.
//
// They run at the same time, and the results count in PDND's order: the proof was not used
// before, the client still has the administrator of the token, the organization may send one
// more request. A request that one of the first two refuses is not counted: otherwise anyone
// who has seen a proof could use up the organization's allowance with it.
func (d *Door) admit(ctx context.Context, token claims.Verified, proof *assertion.Proof, failed error) (api.Identity, error) {
	if failed != nil {
		return api.Identity{}, failed
	}
	checks := []func(context.Context) error{token.Admit}
	var isUsed bool
	var admin adminCheck
	caller := token.Caller
	isCounted := d.limiter != nil && caller.Kind == interop.KindOrganization
	if proof != nil {
		checks = append(checks, func(ctx context.Context) (err error) {
			isUsed, err = d.useUp(ctx, proof)
			return err
		})
	}
	if token.Own && isAdmin(token) {
		checks = append(checks, func(ctx context.Context) (err error) {
			admin, err = d.checkAdmin(ctx, caller)
			return err
		})
	}
	if isCounted {
		checks = append(checks, func(ctx context.Context) error {
			d.limiter.Ready(ctx, caller.Subject)
			return nil
		})
	}
	err := table.Together(ctx, checks...)
	switch {
	case isUsed:
		return caller, refuse(interop.ProofUsed, "the DPoP proof was used before: make a new one, with a jti of its own, for each request")
	case err != nil:
		return caller, err
	case admin.refusal != problem.Code{}:
		return caller, refuse(admin.refusal, adminReasons[admin.refusal])
	}
	if admin.isCertifier {
		caller.Scopes = slices.Concat(caller.Scopes, []string{interop.RoleCertifier})
	}
	if !isCounted {
		return caller, nil
	}
	var allowed bool
	if caller.Allowance, allowed = d.limiter.Take(ctx, caller.Subject); !allowed {
		reason := "the organization " + caller.Subject + " has sent as many requests as it may in this interval"
		return caller, &refusal{api.Refusal{Code: interop.TooManyRequests, Reason: reason, Allowance: caller.Allowance}}
	}
	return caller, nil
}

// adminReasons are the reasons for the codes of checkAdmin.
var adminReasons = map[problem.Code]string{
	interop.ClientNotFound:     "the client of the access token does not exist",
	interop.ClientWithoutAdmin: "the client of the access token has no administrator",
	interop.OperationForbidden: "the access token names another administrator than the client has: ask for a new one",
}

// adminCheck is the result of checkAdmin.
type adminCheck struct {
	refusal     problem.Code // none for none
	isCertifier bool         // the organization is one
}

// checkAdmin checks that the client of a token still has the administrator that the token
// names, and reads whether its organization is a certifier, in one call. PDND marks the
// organization as a certifier, and its tokens have no role that says so.
func (d *Door) checkAdmin(ctx context.Context, caller api.Identity) (adminCheck, error) {
	items, err := d.db.BatchGet(ctx, []table.Key{client.ClientKey(caller.Client), tenant.Key(caller.Subject)})
	if err != nil {
		return adminCheck{}, err
	}
	record, err := table.As[client.Client](items[0])
	switch {
	case err != nil:
		return adminCheck{}, err
	case record == nil:
		return adminCheck{refusal: interop.ClientNotFound}, nil
	case record.AdminID == "":
		return adminCheck{refusal: interop.ClientWithoutAdmin}, nil
	case record.AdminID != caller.User:
		return adminCheck{refusal: interop.OperationForbidden}, nil
	}
	organization, err := tenant.As(items[1])
	return adminCheck{isCertifier: organization != nil && organization.Certifier}, err
}

// proof used    PROOF#<thumbprint>#<hash of jti>    ACCESS    until it expires
const usedSK = "ACCESS"

// labelProof is the label of the step that uses up a proof.
const labelProof = "proof"

// used is a DPoP proof that was used.
type used struct {
	// By is random. When the answer to a write is lost, the storage repeats the write, and
	// takes it for done if it finds the same item. Without By the item of another request
	// with the proof would be the same, and both would come in (TestLostAnswer).
	By  string `dynamodbav:"by"`
	TTL int64  `dynamodbav:"ttl"`
}

// useUp uses up a proof for this request. It reports whether the proof was used before. The
// condition of the write is what makes a proof usable once (TestOneProofOnce).
func (d *Door) useUp(ctx context.Context, proof *assertion.Proof) (isUsed bool, err error) {
	by, err := interop.NewID(d.entropy)
	if err != nil {
		return false, err
	}
	key := interop.Key("PROOF#"+proof.JKT+"#"+interop.Hash(proof.JTI), usedSK)
	// One second more, because the TTL is in whole seconds and must not be earlier.
	item := used{By: by, TTL: proof.Until.Unix() + 1}
	err = d.db.Write(ctx, table.Put(labelProof, key, item, table.NotExists()))
	if isUsed = table.AsRefused(err) != nil; isUsed {
		err = nil
	}
	return isUsed, err
}
