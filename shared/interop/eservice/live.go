package eservice

import (
	"slices"

	"ciclo/shared/platform/lifecycle"
)

// DescriptorSummary is what those who use a descriptor need of it. It is kept with the e-service
// while agreements may be on the descriptor, so that one read tells the thresholds
// and what vouchers say.
type DescriptorSummary struct {
	ID                    string           `dynamodbav:"id"`
	Number                int64            `dynamodbav:"number"`
	State                 lifecycle.State  `dynamodbav:"state"`
	Audience              []string         `dynamodbav:"audience"`
	VoucherLifespan       int64            `dynamodbav:"voucherLifespan"` // seconds
	DailyCallsPerConsumer int64            `dynamodbav:"dailyCallsPerConsumer"`
	DailyCallsTotal       int64            `dynamodbav:"dailyCallsTotal"`
	Quotas                map[string]int64 `dynamodbav:"quotas,omitempty"` // calls a day by certified attribute, where it has its own
}

// liveStates are those in which a descriptor may have agreements.
var liveStates = []lifecycle.State{Published, Suspended, Deprecated}

// live are the descriptors that agreements may be on, oldest first.
func (c Catalogue) live() []DescriptorSummary {
	var live []DescriptorSummary
	for _, d := range c.Descriptors {
		if !slices.Contains(liveStates, d.State) {
			continue
		}
		live = append(live, DescriptorSummary{
			ID: d.ID, Number: d.Number, State: d.State, Audience: d.Audience, VoucherLifespan: d.VoucherLifespan,
			DailyCallsPerConsumer: d.DailyCallsPerConsumer, DailyCallsTotal: d.DailyCallsTotal, Quotas: d.quotas(),
		})
	}
	return live
}

// quotas are the limits of calls a day that certified attributes have of their own:
// of one that several groups name, the greatest.
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

// Find returns the descriptor of that id while agreements may be on it, otherwise nil.
func (e *EService) Find(id string) *DescriptorSummary {
	for i := range e.Descriptors {
		if e.Descriptors[i].ID == id {
			return &e.Descriptors[i]
		}
	}
	return nil
}

// Latest is the newest descriptor that agreements may be on, nil when there is none.
func (e *EService) Latest() *DescriptorSummary {
	if len(e.Descriptors) == 0 {
		return nil
	}
	return &e.Descriptors[len(e.Descriptors)-1]
}
