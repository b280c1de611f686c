package interop

import (
	"ciclo/shared/platform/problem"
)

// DelegationRef is the optional body that names the delegation by which a caller acts
// (PDND M2M v3).
type DelegationRef struct {
	_            struct{} `json:"-" additionalProperties:"false"`
	DelegationID string   `json:"delegationId,omitempty" format:"uuid" doc:"Refused: delegations are not offered"`
}

// ID returns the id of the delegation, "" for none.
func (r *DelegationRef) ID() string {
	if r == nil {
		return ""
	}
	return r.DelegationID
}

// NoDelegation returns DelegationNotFound for every id except "": delegations are not
// offered.
func NoDelegation(id string) error {
	if id == "" {
		return nil
	}
	return problem.New(DelegationNotFound,
		"There is no delegation %s: delegations are not offered. Leave delegationId out to act for yourself.", id)
}
