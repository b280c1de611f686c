package eservice

import (
	"slices"

	"ciclo/shared/platform/lifecycle"
	"ciclo/shared/platform/table"
)

// DescriptorSummary is what agreements, purposes and vouchers need of a descriptor. The
// root item of the e-service has the summaries of the descriptors that agreements may be
// on, so that one read shows the thresholds and what a voucher says.
type DescriptorSummary struct {
	ID                    string          `dynamodbav:"id"`
	Number                int64           `dynamodbav:"number"`
	State                 lifecycle.State `dynamodbav:"state"`
	Audience              []string        `dynamodbav:"audience"`
	VoucherLifespan       int64           `dynamodbav:"voucherLifespan"` // seconds
	DailyCallsPerConsumer int64           `dynamodbav:"dailyCallsPerConsumer"`
	DailyCallsTotal       int64           `dynamodbav:"dailyCallsTotal"`
	// Quotas has the calls a day of consumers by the certified attribute that gives them.
	Quotas map[string]int64 `dynamodbav:"quotas,omitempty"`
}

// liveStates are those in which a descriptor may have agreements.
var liveStates = []lifecycle.State{Published, Suspended, Deprecated}

// summaries returns the summaries of the descriptors that agreements may be on, oldest
// first.
func (c Catalogue) summaries() []DescriptorSummary {
	var all []DescriptorSummary
	for _, d := range c.Descriptors {
		if !slices.Contains(liveStates, d.State) {
			continue
		}
		all = append(all, DescriptorSummary{
			ID:                    d.ID,
			Number:                d.Number,
			State:                 d.State,
			Audience:              d.Audience,
			VoucherLifespan:       d.VoucherLifespan,
			DailyCallsPerConsumer: d.DailyCallsPerConsumer,
			DailyCallsTotal:       d.DailyCallsTotal,
			Quotas:                d.quotas(),
		})
	}
	return all
}

// quotas returns the calls a day by certified attribute. An attribute of several groups
// has the greatest of its quotas.
func (r *Requirements) quotas() map[string]int64 {
	var quotas map[string]int64
	for _, group := range r.Certified {
		for _, required := range group {
			if required.DailyCallsPerConsumer <= quotas[required.AttributeID] {
				continue
			}
			if quotas == nil {
				quotas = map[string]int64{}
			}
			quotas[required.AttributeID] = required.DailyCallsPerConsumer
		}
	}
	return quotas
}

// Find returns the summary of a descriptor, nil when no agreement may be on it.
func (e *EService) Find(descriptorID string) *DescriptorSummary {
	for i := range e.Descriptors {
		if e.Descriptors[i].ID == descriptorID {
			return &e.Descriptors[i]
		}
	}
	return nil
}

// Latest returns the summary of the newest descriptor that agreements may be on, nil
// when there is none.
func (e *EService) Latest() *DescriptorSummary {
	if len(e.Descriptors) == 0 {
		return nil
	}
	return &e.Descriptors[len(e.Descriptors)-1]
}

// VersionCheck returns the step LabelEService, which refuses when the e-service or one
// of its descriptors has changed since it was read. The use of descriptors may differ.
func (e *EService) VersionCheck() table.Step {
	return table.Check(LabelEService, Key(e.ID), table.Equals("version", e.Version))
}

// VersionCheck returns the check of the e-service, see [EService.VersionCheck].
func (c Catalogue) VersionCheck() table.Step { return c.EService.VersionCheck() }
