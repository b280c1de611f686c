package eservice

import (
	"slices"
	"testing"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/published"
)

// TestTablesAreClosed: the tables of words have each value that the API publishes, and no others.
func TestTablesAreClosed(t *testing.T) {
	t.Parallel()
	states := map[string]office.Text{}
	for state, chip := range descriptorStates {
		states[state] = chip.Text
	}
	published.Check(t, "state", states, published.Values(t, "EServiceDescriptor", "state"))
	published.Check(t, "mode", modes, published.Values(t, "EService", "mode"))
	published.CheckOptions(t, "mode", modeOptions, published.Values(t, "EServiceSeed", "mode"))
	published.CheckOptions(t, "technology", technologyOptions, published.Values(t, "EServiceSeed", "technology"))
	published.Check(t, "policy", approvalPolicies, published.Values(t, "EServiceDescriptor", "agreementApprovalPolicy"))
	published.CheckOptions(t, "policy", policyOptions, published.Values(t, "EServiceDescriptorSeed", "agreementApprovalPolicy"))
}

// TestRemediesAreOfCodes: what a publication lacks is told by codes of the API, and leads to a
// page that there is.
func TestRemediesAreOfCodes(t *testing.T) {
	t.Parallel()
	codes := published.Codes(t)
	for code, page := range remedies {
		if !slices.Contains(codes, code) {
			t.Errorf("the API has no code %s", code)
		}
		if page != "eservice" && page != "descriptor" {
			t.Errorf("%s leads to no page: %s", code, page)
		}
	}
}
