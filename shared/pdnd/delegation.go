package pdnd

// DelegationRef is by which delegation somebody acts (PDND M2M v3); a body that may
// be left out.
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
