package agreement

import (
	"context"
	"net/http"
	"slices"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/change"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// VerifyInput is the input of VerifyAttribute.
type VerifyInput struct {
	tenant.TenantPath
	Body struct {
		_              struct{} `json:"-" additionalProperties:"false"`
		ID             string   `json:"id" format:"uuid" doc:"The attribute"`
		AgreementID    string   `json:"agreementId" format:"uuid" doc:"An agreement of tenant and caller whose descriptor requires it"`
		ExpirationDate string   `json:"expirationDate,omitempty" format:"date-time" doc:"Until when; without it for ever"`
	}
}

// RevokeInput is the input of RevokeVerification.
type RevokeInput struct {
	tenant.TenantPath
	AttributeID string `path:"attributeId" format:"uuid" doc:"The attribute"`
	AgreementID string `query:"agreementId" required:"true" format:"uuid" doc:"An agreement of tenant and caller whose descriptor requires it"`
}

// VerifiedOutput is a verified attribute of a tenant.
type VerifiedOutput = tenant.Output[tenant.VerifiedView]

const (
	verifiedPath = "/tenants/{tenantId}/verifiedAttributes"
	tenantsTag   = "Tenants"
)

// The operations that verify attributes of tenants are in this package because a producer
// verifies through an agreement.
var accessVerify = []string{"ConditionCheckItem", "DeleteItem", "PutItem", "Query", "UpdateItem"}

// VerifyAttribute records that the consumer of an agreement owns an attribute.
var VerifyAttribute = api.Operation[Store, VerifyInput, VerifiedOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "tenant/verify-attribute", OperationID: "assignTenantVerifiedAttribute",
			Method: http.MethodPost, Path: verifiedPath, Tag: tenantsTag,
			Summary: "Verify an attribute of a tenant",
			Description: "The producer of an agreement verifies that its consumer owns an attribute that the descriptor requires, for a time or " +
				"for ever. Repeating it replaces the previous verification.",
			Product: interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
			Problems: []problem.Code{
				interop.VerifiedThroughNone, interop.VerificationNotAllowed, interop.SelfVerification, interop.ExpirationInThePast,
			},
			Access: interop.Access(accessVerify...),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *VerifyInput) (*VerifiedOutput, error) {
		v := verification{
			tenantID: in.TenantID, attributeID: in.Body.ID, agreementID: in.Body.AgreementID,
			notAllowed: interop.VerificationNotAllowed, self: interop.SelfVerification,
		}
		return s.verify(ctx, v, func(o tenant.Owned, at string) ([]table.Step, tenant.VerifiedView, error) {
			expires, err := expiry(in.Body.ExpirationDate, at)
			if err != nil {
				return nil, tenant.VerifiedView{}, err
			}
			steps, view := o.VerificationSteps(v.attributeID, interop.Caller(ctx), expires, at)
			return steps, view, nil
		})
	},
}

// RevokeVerification revokes what the caller has verified.
var RevokeVerification = api.Operation[Store, RevokeInput, VerifiedOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "tenant/revoke-verified-attribute", OperationID: "revokeTenantVerifiedAttribute",
			Method: http.MethodDelete, Path: verifiedPath + "/{attributeId}", Tag: tenantsTag,
			Summary: "Revoke a verified attribute of a tenant",
			Description: "The producer of an agreement revokes its verification of an attribute of the consumer. Verifications by other " +
				"producers stay.",
			Product: interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
			Problems: []problem.Code{
				interop.VerifiedThroughNone, interop.TenantAttributeNotValid, interop.RevocationNotAllowed, interop.SelfRevocation,
				interop.AttributeAlreadyRevoked,
			},
			Access: interop.Access(accessVerify...),
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *RevokeInput) (*VerifiedOutput, error) {
		v := verification{
			tenantID: in.TenantID, attributeID: in.AttributeID, agreementID: in.AgreementID,
			notAllowed: interop.RevocationNotAllowed, self: interop.SelfRevocation,
		}
		return s.verify(ctx, v, func(o tenant.Owned, at string) ([]table.Step, tenant.VerifiedView, error) {
			return o.RevocationSteps(v.attributeID, interop.Caller(ctx), at)
		})
	},
}

// verification names an attribute of a tenant, the agreement through which it is verified,
// and the codes of the refusals.
type verification struct {
	tenantID    string
	attributeID string
	agreementID string
	notAllowed  problem.Code
	self        problem.Code
}

// verifiableStates are the states in which an agreement entitles its producer to verify.
var verifiableStates = states{Pending, Active, Suspended}

const labelThrough = "through"

// verifySnapshot is everything that a verification is decided on.
type verifySnapshot struct {
	agreement *agreement
	catalogue eservice.Catalogue
	owned     tenant.Owned
	at        string
}

// verified is what a verification writes and answers.
type verified struct {
	steps []table.Step
	view  tenant.VerifiedView
}

// verify changes what the caller has verified about an attribute. decide returns the steps
// of the change and the attribute after it.
func (s *Store) verify(
	ctx context.Context, v verification, decide func(tenant.Owned, string) ([]table.Step, tenant.VerifiedView, error),
) (*VerifiedOutput, error) {
	o, err := change.Do(ctx, s.db, change.Change[verifySnapshot, verified]{
		Read: func(ctx context.Context, r change.Round) (verifySnapshot, error) {
			return s.readVerification(ctx, v, r)
		},
		Decide: func(snap verifySnapshot) (o verified, err error) {
			if !isRequired(snap.catalogue.Find(snap.agreement.DescriptorID), v.attributeID) {
				return o, problem.New(v.notAllowed, "Descriptor %s does not require attribute %s.", snap.agreement.DescriptorID, v.attributeID)
			}
			o.steps, o.view, err = decide(snap.owned, snap.at)
			return o, err
		},
		Steps: func(_ verifySnapshot, o verified) ([]table.Step, error) {
			var conditions change.Conditions
			conditions.Require(table.Check(labelThrough, agreementKey(v.agreementID), table.In("state", verifiableStates...)))
			return conditions.With(o.steps...), nil
		},
	})
	if err != nil {
		return nil, err
	}
	return &VerifiedOutput{Body: o.view}, nil
}

// readVerification reads the agreement and, where it entitles the caller to verify, the
// facts. A round that was refused by the agreement starts from it.
func (s *Store) readVerification(ctx context.Context, v verification, r change.Round) (snap verifySnapshot, err error) {
	item, refused := r.Item(labelThrough)
	if !refused {
		if item, err = s.db.Get(ctx, agreementKey(v.agreementID)); err != nil {
			return snap, err
		}
	}
	if snap.agreement, err = table.As[agreement](item); err != nil {
		return snap, err
	}
	if err := v.requireProducer(snap.agreement, interop.Caller(ctx)); err != nil {
		return snap, err
	}
	err = table.Together(ctx, func(ctx context.Context) (err error) {
		snap.catalogue, err = eservice.LoadSince(ctx, s.db, snap.agreement.EServiceID, snap.agreement.DescriptorNumber)
		return err
	}, func(ctx context.Context) (err error) {
		snap.owned, err = tenant.Load(ctx, s.db, v.tenantID)
		return err
	})
	snap.at = table.Stamp(s.now())
	return snap, err
}

// requireProducer refuses a caller whom the agreement, nil for none, does not entitle to
// verify.
func (v verification) requireProducer(a *agreement, caller string) error {
	switch {
	case a == nil:
		return problem.New(interop.VerifiedThroughNone, "Agreement %s not found", v.agreementID)
	case v.tenantID == caller:
		return problem.New(v.self, "Tenant %s cannot do this for itself.", caller)
	case a.ConsumerID != v.tenantID || a.ProducerID != caller || !slices.Contains(verifiableStates, a.State):
		return problem.New(v.notAllowed,
			"Only the producer of an agreement with tenant %s that is PENDING, ACTIVE or SUSPENDED can do this.", v.tenantID)
	}
	return nil
}

// isRequired reports whether a descriptor requires a verified attribute.
func isRequired(d *eservice.Descriptor, attributeID string) bool {
	return slices.ContainsFunc(d.Verified, func(group eservice.Group) bool {
		return slices.ContainsFunc(group, func(r eservice.Required) bool { return r.AttributeID == attributeID })
	})
}

// expiry returns a date-time, which must be later than at, as [table.Stamp] writes it; "" for never.
func expiry(date, at string) (string, error) {
	if date == "" {
		return "", nil
	}
	end, err := time.Parse(time.RFC3339, date)
	if err != nil {
		return "", problem.New(interop.BadRequest, "expirationDate is not a date-time")
	}
	expires := table.Stamp(end)
	if expires <= at {
		return "", problem.New(interop.ExpirationInThePast, "Expiration date %s cannot be in the past", expires)
	}
	return expires, nil
}
