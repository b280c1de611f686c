package purpose

import (
	"ciclo/shared/agreement"
	"ciclo/shared/attribute"
	"ciclo/shared/eservice"
	"ciclo/shared/problem"
	"ciclo/shared/table"
	"ciclo/shared/tenant"
)

// ThresholdCheck is why a version waits: what was asked for and what there was when
// it was decided.
type ThresholdCheck struct {
	Requested   int64    `dynamodbav:"requested" json:"requested" doc:"Calls a day that the version plans"`
	Consumer    int64    `dynamodbav:"consumerLoad" json:"consumerLoad" doc:"Calls a day of the consumer's active purposes on the e-service, this one's among them"`
	Total       int64    `dynamodbav:"totalLoad" json:"totalLoad" doc:"Calls a day of all active purposes on the e-service"`
	PerConsumer int64    `dynamodbav:"dailyCallsPerConsumer" json:"dailyCallsPerConsumer" doc:"Threshold for the consumer"`
	InTotal     int64    `dynamodbav:"dailyCallsTotal" json:"dailyCallsTotal" doc:"Threshold for all consumers"`
	Exceeded    []string `dynamodbav:"exceeded" json:"exceeded" nullable:"false" enum:"CONSUMER,TOTAL" doc:"Which of them would be exceeded"`
}

// The thresholds, as ThresholdCheck names them.
const (
	exceedsConsumer = "CONSUMER"
	exceedsTotal    = "TOTAL"
)

// facts is what the load of a consumer on an e-service is decided on.
type facts struct {
	subscription *agreement.Subscription // nil while no agreement is in use
	eservice     *eservice.EService      // nil when there is none
	consumerLoad int64
	totalLoad    int64
	owned        *tenant.Owned // by the consumer; nil until it is asked for
}

// live is the descriptor of the agreement in use, nil while there is none.
func (f *facts) live() *eservice.Live {
	if f.subscription == nil || f.eservice == nil {
		return nil
	}
	return f.eservice.Live(f.subscription.DescriptorID)
}

// thresholds are the load of a consumer on an e-service and what it may be.
type thresholds struct {
	consumerID, eserviceID string

	consumerLoad, totalLoad int64
	perConsumer, total      int64
}

// thresholds returns what holds on a descriptor: for the consumer the greatest quota
// of the certified attributes that it owns, in place of the descriptor's (PDND,
// differentiated quotas).
func (f *facts) thresholds(consumerID string, live *eservice.Live, at string) thresholds {
	t := thresholds{consumerID, f.eservice.ID, f.consumerLoad, f.totalLoad, live.DailyCallsPerConsumer, live.DailyCallsTotal}
	var own int64
	for id, quota := range live.Quotas {
		if f.owned.Has(attribute.Certified, id, f.eservice.ProducerID, at) {
			own = max(own, quota)
		}
	}
	if own > 0 {
		t.perConsumer = own
	}
	return t
}

// exceeded are the thresholds that so much more would exceed.
func (t thresholds) exceeded(more int64) (all []string) {
	if t.consumerLoad+more > t.perConsumer {
		all = append(all, exceedsConsumer)
	}
	if t.totalLoad+more > t.total {
		all = append(all, exceedsTotal)
	}
	return all
}

// check says why so much more makes a version of so many calls a day wait; nil when
// it need not.
func (t thresholds) check(requested, more int64) *ThresholdCheck {
	exceeded := t.exceeded(more)
	if len(exceeded) == 0 {
		return nil
	}
	return &ThresholdCheck{requested, t.consumerLoad, t.totalLoad, t.perConsumer, t.total, exceeded}
}

// Labels of the steps of the ledger.
const (
	labelConsumerLoad = "consumer-load"
	labelTotalLoad    = "total-load"
)

// counter is an account of the ledger.
type counter struct {
	Load    int64 `dynamodbav:"load"`
	Changes int64 `dynamodbav:"changes"`
}

// within are the conditions that a counter may grow by more.
func within(limit, more int64) table.Cond {
	return table.Any(table.Lacks("load"), table.AtMost("load", limit-more))
}

// keep are the steps that put more on the ledger's accounts of a consumer and an
// e-service, each under its conditions.
func keep(consumerID, eserviceID string, more int64, ofConsumer, inTotal []table.Cond) []table.Step {
	do := table.Changes{Add: map[string]int64{"load": more, "changes": 1}}
	return []table.Step{
		table.Update(labelConsumerLoad, loadKey(eserviceID, consumerID), do, ofConsumer...),
		table.Update(labelTotalLoad, totalKey(eserviceID), do, inTotal...),
	}
}

// admit are the steps that refuse when so much more no longer fits; the load becomes
// by that much greater, or it stays, where it is not active yet.
func (t thresholds) admit(more, counted int64) []table.Step {
	ofConsumer, inTotal := within(t.perConsumer, more), within(t.total, more)
	if counted == 0 {
		return []table.Step{
			table.Check(labelConsumerLoad, loadKey(t.eserviceID, t.consumerID), ofConsumer),
			table.Check(labelTotalLoad, totalKey(t.eserviceID), inTotal),
		}
	}
	return keep(t.consumerID, t.eserviceID, counted, []table.Cond{ofConsumer}, []table.Cond{inTotal})
}

// refuse are the steps that refuse when a threshold that was found exceeded is so no
// longer.
func (t thresholds) refuse(more int64) (steps []table.Step) {
	exceeds := func(label string, key table.Key, limit int64) {
		if limit >= more { // otherwise it is exceeded whatever the load
			steps = append(steps, table.Check(label, key, table.AtLeast("load", limit-more+1)))
		}
	}
	for _, which := range t.exceeded(more) {
		if which == exceedsConsumer {
			exceeds(labelConsumerLoad, loadKey(t.eserviceID, t.consumerID), t.perConsumer)
		} else {
			exceeds(labelTotalLoad, totalKey(t.eserviceID), t.total)
		}
	}
	return steps
}

// noAgreement is the refusal of what takes an agreement that is active.
func noAgreement(consumerID, eserviceID string, s *agreement.Subscription) error {
	if s != nil {
		return problem.New(problem.PurposeWithoutAgreement, "Agreement %s of consumer %s for e-service %s is %s; this takes one that is ACTIVE.",
			s.AgreementID, consumerID, eserviceID, s.State)
	}
	return problem.New(problem.PurposeWithoutAgreement, "Consumer %s has no active agreement for e-service %s.", consumerID, eserviceID)
}
