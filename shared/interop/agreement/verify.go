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
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// Who verifies an attribute does so through an agreement, which is why the two
// operations on tenants are here.

// VerifyInput says that the consumer of an agreement owns an attribute.
type VerifyInput struct {
	tenant.TenantPath
	Body struct {
		_              struct{} `json:"-" additionalProperties:"false"`
		ID             string   `json:"id" format:"uuid" doc:"The attribute"`
		AgreementID    string   `json:"agreementId" format:"uuid" doc:"An agreement of the tenant and the caller whose descriptor asks for it"`
		ExpirationDate string   `json:"expirationDate,omitempty" format:"date-time" doc:"Until when; without it for ever"`
	}
}

// RevokeInput takes back that the consumer of an agreement owns an attribute.
type RevokeInput struct {
	tenant.TenantPath
	AttributeID string `path:"attributeId" format:"uuid" doc:"The attribute"`
	AgreementID string `query:"agreementId" required:"true" format:"uuid" doc:"An agreement of the tenant and the caller whose descriptor asks for it"`
}

// VerifiedOutput is an attribute of a tenant that producers have verified.
type VerifiedOutput = tenant.Output[tenant.VerifiedView]

const (
	verifiedPath = "/tenants/{tenantId}/verifiedAttributes"
	tenantsTag   = "Tenants"
)

var verifying = []string{"ConditionCheckItem", "DeleteItem", "PutItem", "Query", "UpdateItem"}

// VerifyAttribute says that the consumer of an agreement owns an attribute.
var VerifyAttribute = api.Operation[Store, VerifyInput, VerifiedOutput]{
	Spec: func() api.Spec {
		return interop.Writing("tenant/verify-attribute", http.MethodPost, verifiedPath, tenantsTag, "Verify an attribute of a tenant",
			"The producer of an agreement says that its consumer owns an attribute that the descriptor asks for, for a time or for ever. Asked again it counts from now on.",
			verifying, interop.VerifiedThroughNone, interop.VerificationNotAllowed, interop.SelfVerification, interop.ExpirationInThePast)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *VerifyInput) (*VerifiedOutput, error) {
		v := verification{in.TenantID, in.Body.ID, in.Body.AgreementID, interop.VerificationNotAllowed, interop.SelfVerification}
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

// RevokeVerification takes back that the consumer of an agreement owns an attribute.
var RevokeVerification = api.Operation[Store, RevokeInput, VerifiedOutput]{
	Spec: func() api.Spec {
		return interop.Writing("tenant/revoke-verified-attribute", http.MethodDelete, verifiedPath+"/{attributeId}", tenantsTag, "Revoke a verified attribute of a tenant",
			"The producer of an agreement takes back that its consumer owns an attribute. What other producers have verified stays.",
			verifying, interop.VerifiedThroughNone, interop.TenantAttributeNotValid, interop.RevocationNotAllowed, interop.SelfRevocation,
			interop.AttributeAlreadyRevoked)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *RevokeInput) (*VerifiedOutput, error) {
		v := verification{in.TenantID, in.AttributeID, in.AgreementID, interop.RevocationNotAllowed, interop.SelfRevocation}
		return s.verify(ctx, v, func(o tenant.Owned, at string) ([]table.Step, tenant.VerifiedView, error) {
			return o.RevocationSteps(v.attributeID, interop.Caller(ctx), at)
		})
	},
}

// verification is about which attribute of whom, through which agreement, and the
// codes that refuse who may not.
type verification struct {
	tenantID, attributeID, agreementID string
	notAllowed, self                   problem.Code
}

// verifiable are the states in which an agreement lets its producer verify.
var verifiable = states{Pending, Active, Suspended}

const labelThrough = "through"

// verify changes what the caller says about an attribute, while the agreement lets
// it. It is planned again while others change what it is decided on.
func (s *Store) verify(ctx context.Context, v verification, plan func(tenant.Owned, string) ([]table.Step, tenant.VerifiedView, error)) (*VerifiedOutput, error) {
	var refused *table.Refused
	for range maxRounds {
		if err := s.mayVerify(ctx, v); err != nil {
			return nil, err
		}
		owned, err := tenant.Load(ctx, s.db, v.tenantID)
		if err != nil {
			return nil, err
		}
		steps, view, err := plan(owned, table.Stamp(s.now()))
		if err != nil {
			return nil, err
		}
		steps = append(steps, table.Check(labelThrough, agreementKey(v.agreementID), table.In("state", verifiable...)))
		err = s.db.Write(ctx, steps...)
		if refused = table.AsRefused(err); refused == nil {
			if err != nil {
				return nil, err
			}
			return &VerifiedOutput{Body: view}, nil
		}
	}
	return nil, &table.Error{Kind: table.Conflict, Op: "write", Err: refused}
}

// mayVerify tells whether the agreement lets the caller speak about the attribute.
func (s *Store) mayVerify(ctx context.Context, v verification) error {
	item, err := s.db.Get(ctx, agreementKey(v.agreementID))
	if err != nil {
		return err
	}
	a, err := table.As[agreement](item)
	if err != nil {
		return err
	}
	caller := interop.Caller(ctx)
	switch {
	case a == nil:
		return problem.New(interop.VerifiedThroughNone, "Agreement %s not found", v.agreementID)
	case v.tenantID == caller:
		return problem.New(v.self, "Tenant %s cannot do this for itself.", caller)
	case a.ConsumerID != v.tenantID || a.ProducerID != caller || !slices.Contains(verifiable, a.State):
		return problem.New(v.notAllowed, "This takes the producer of an agreement with tenant %s that is PENDING, ACTIVE or SUSPENDED.", v.tenantID)
	}
	return s.asksFor(ctx, a, v)
}

// asksFor refuses an attribute that the descriptor of the agreement does not ask for.
func (s *Store) asksFor(ctx context.Context, a *agreement, v verification) error {
	c, err := eservice.Load(ctx, s.db, a.EServiceID)
	if err != nil {
		return err
	}
	for _, group := range c.Find(a.DescriptorID).Verified {
		for _, required := range group {
			if required.AttributeID == v.attributeID {
				return nil
			}
		}
	}
	return problem.New(v.notAllowed, "Descriptor %s does not ask for attribute %s.", a.DescriptorID, v.attributeID)
}

// expiry reads a date-time that must be later than at, "" for never.
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
