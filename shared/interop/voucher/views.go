package voucher

import (
	"cmp"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/interop/assertion"
	"ciclo/shared/interop/client"
	"ciclo/shared/platform/sign"
)

// TokenOutput is a voucher.
type TokenOutput struct {
	CacheControl string `header:"Cache-Control" doc:"no-cache, no-store"`
	Body         TokenView
}

// TokenView is a voucher as clients read it (RFC 6749 §5.1).
type TokenView struct {
	AccessToken string `json:"access_token" doc:"The voucher"`
	TokenType   string `json:"token_type" enum:"Bearer,DPoP" doc:"The scheme it is presented with"`
	ExpiresIn   int64  `json:"expires_in" doc:"Seconds that it is valid"`
}

// Result of a step.
const (
	passed  = "PASSED"
	skipped = "SKIPPED"
	failed  = "FAILED"
)

// FailureView is one failure of an examination.
type FailureView struct {
	Code   string `json:"code" doc:"The name of the failure, such as invalidPurposeState"`
	Reason string `json:"reason" doc:"What was expected and what to do"`
}

// StepView is a step of an examination.
type StepView struct {
	Result   string        `json:"result" enum:"PASSED,SKIPPED,FAILED" doc:"SKIPPED after a step that failed"`
	Failures []FailureView `json:"failures" nullable:"false" doc:"Everything that is wrong"`
}

// StepsView is the steps of an examination, in their order.
type StepsView struct {
	Assertion StepView  `json:"clientAssertionValidation" doc:"Parameters, header and claims"`
	Key       StepView  `json:"publicKeyRetrieve" doc:"The client has the key"`
	Signature StepView  `json:"clientAssertionSignatureVerification" doc:"Signature and times"`
	Link      StepView  `json:"purposeLinkedToClient" doc:"The client is linked to the purpose"`
	States    StepView  `json:"platformStatesVerification" doc:"Agreement, e-service and purpose are active"`
	Proof     *StepView `json:"dpopValidation,omitempty" nullable:"false" doc:"The DPoP proof, when there is one"`
}

// EServiceView is the e-service that a voucher would be for.
type EServiceView struct {
	ID           string `json:"id" format:"uuid" doc:"The e-service"`
	DescriptorID string `json:"descriptorId" format:"uuid" doc:"The descriptor that the agreement is on"`
	Version      string `json:"version" doc:"Its number"`
	Name         string `json:"name" doc:"The e-service's name"`
}

// ValidationOutput is an examination.
type ValidationOutput struct{ Body ValidationView }

// ValidationView is an examination as clients read it.
type ValidationView struct {
	ClientKind string        `json:"clientKind,omitempty" enum:"API,CONSUMER" doc:"Shown once the key was found"`
	EService   *EServiceView `json:"eservice,omitempty" nullable:"false" doc:"Shown once the states were examined"`
	Steps      StepsView     `json:"steps"`
	Warnings   []FailureView `json:"warnings,omitempty" nullable:"false" doc:"What should be corrected, such as an assertion valid for over ten minutes"`
}

// longestGood is how long an assertion should be valid at most.
const longestGood = 10 * time.Minute

// stepView returns a step. afterFailure says that an earlier step has failed.
func stepView(failures []assertion.Failure, afterFailure bool) StepView {
	v := StepView{Result: passed, Failures: make([]FailureView, len(failures))}
	for i, f := range failures {
		v.Failures[i] = FailureView{Code: f.Name, Reason: f.Reason}
	}
	switch {
	case len(failures) > 0:
		v.Result = failed
	case afterFailure:
		v.Result = skipped
	}
	return v
}

// view returns the examination as the debug tool shows it. hasProof says that the request
// has a DPoP proof.
func (x *examination) view(hasProof bool) ValidationView {
	var v ValidationView
	if x.hasKey {
		v.ClientKind = string(cmp.Or(x.client.Kind, client.Consumer))
	}
	if d := x.descriptor; d != nil {
		v.EService = &EServiceView{ID: x.eservice.ID, DescriptorID: d.ID, Version: number(d.Number), Name: x.eservice.Name}
	}
	var all [steps]StepView
	hasFailed := false
	for i, failures := range x.failures {
		all[i] = stepView(failures, hasFailed)
		hasFailed = hasFailed || len(failures) > 0
	}
	v.Steps = StepsView{
		Assertion: all[stepAssertion],
		Key:       all[stepKey],
		Signature: all[stepSignature],
		Link:      all[stepLink],
		States:    all[stepStates],
	}
	if len(x.failures[stepAssertion]) == 0 && x.assertion.Lifetime() > longestGood {
		f := x.assertion.TooLong(longestGood)
		v.Warnings = append(v.Warnings, FailureView{Code: f.Name, Reason: f.Reason})
	}
	if hasProof {
		v.Steps.Proof = &all[stepProof]
	}
	return v
}

// EventView is a voucher that was issued or refused.
type EventView struct {
	ID            string   `json:"eventId" doc:"Later events of a client sort after earlier ones"`
	At            string   `json:"timestamp" format:"date-time" doc:"When"`
	Decision      string   `json:"decision" enum:"ISSUED,REFUSED" doc:"The outcome; ISSUED also where the answer was lost on its way"`
	Reasons       []string `json:"reasons,omitempty" doc:"Why it was refused, by the names of the failures"`
	PurposeID     string   `json:"purposeId,omitempty" doc:"The purpose that was named"`
	Kid           string   `json:"kid,omitempty" doc:"The key that was named"`
	AssertionID   string   `json:"assertionJti,omitempty" doc:"The jti of the assertion"`
	VoucherID     string   `json:"voucherJti,omitempty" doc:"The jti of the voucher"`
	Type          string   `json:"tokenType,omitempty" enum:"Bearer,DPoP" doc:"The type of the voucher"`
	CorrelationID string   `json:"correlationId,omitempty" doc:"The x-correlation-id of the request"`
}

func (e event) view() EventView {
	return EventView{
		ID:            e.ID,
		At:            e.At,
		Decision:      e.Decision,
		Reasons:       e.Reasons,
		PurposeID:     e.PurposeID,
		Kid:           e.Kid,
		AssertionID:   e.AssertionID,
		VoucherID:     e.VoucherID,
		Type:          e.Type,
		CorrelationID: e.CorrelationID,
	}
}

// EventsOutput is a page of events.
type EventsOutput struct {
	Body struct {
		Results    []EventView        `json:"results" nullable:"false" doc:"Events, newest first"`
		Pagination interop.Pagination `json:"pagination"`
	}
}

// MetadataOutput is the metadata of the authorization server (RFC 8414).
type MetadataOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         MetadataView
}

// MetadataView is the metadata of the authorization server.
type MetadataView struct {
	Issuer         string   `json:"issuer" format:"uri" doc:"The iss of vouchers, and an aud of assertions"`
	TokenEndpoint  string   `json:"token_endpoint" format:"uri" doc:"The token endpoint, which is an aud of assertions, too"`
	JWKSURI        string   `json:"jwks_uri" format:"uri" doc:"The keys that verify vouchers"`
	ResponseTypes  []string `json:"response_types_supported" nullable:"false" doc:"none: there is no authorization endpoint"`
	GrantTypes     []string `json:"grant_types_supported" nullable:"false"`
	AuthMethods    []string `json:"token_endpoint_auth_methods_supported" nullable:"false"`
	AuthAlgorithms []string `json:"token_endpoint_auth_signing_alg_values_supported" nullable:"false"`
	DPoPAlgorithms []string `json:"dpop_signing_alg_values_supported" nullable:"false"`
}

// JWKSOutput is the keys that verify vouchers (RFC 7517).
type JWKSOutput struct {
	CacheControl string `header:"Cache-Control"`
	Body         sign.KeySetView
}
