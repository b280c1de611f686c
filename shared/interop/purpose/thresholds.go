package purpose

import (
	"ciclo/shared/interop"
	"ciclo/shared/interop/agreement"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
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
func (f *facts) live() *eservice.DescriptorSummary {
	if f.subscription == nil || f.eservice == nil {
		return nil
	}
	return f.eservice.Find(f.subscription.DescriptorID)
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
func (f *facts) thresholds(consumerID string, live *eservice.DescriptorSummary, at string) thresholds {
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

// waitSteps are the steps under which a version that adds so much more begins to wait:
// they refuse when its ThresholdCheck is no longer true.
//
// The check always tells of one moment. The first round asserts both loads as they
// were read, so the moment is that of the transaction. Later rounds read both loads by
// a snapshot, and assert which thresholds are exceeded but not the loads, which move
// all the time where many consumers are. After assertedRounds nothing is asserted:
// waiting adds no load, and at a threshold that others cross back and forth a version
// would otherwise be refused for ever. Without this, a version can wait for another
// threshold than the one it is told of (TestWaitTellsOfOneMoment).
func (t thresholds) waitSteps(more int64, round int) []table.Step {
	consumerKey, inTotalKey := loadKey(t.eserviceID, t.consumerID), totalKey(t.eserviceID)
	switch {
	case round == 0:
		return []table.Step{
			table.Check(labelConsumerLoad, consumerKey, loadIs(t.consumerLoad)),
			table.Check(labelTotalLoad, inTotalKey, loadIs(t.totalLoad)),
		}
	case round >= assertedRounds:
		return nil
	}
	return append(exceededSteps(labelConsumerLoad, consumerKey, t.consumerLoad, t.perConsumer, more),
		exceededSteps(labelTotalLoad, inTotalKey, t.totalLoad, t.total, more)...)
}

// loadIs is the condition that a counter holds that load. An item that is absent holds 0.
func loadIs(load int64) table.Cond {
	if load == 0 {
		return table.Any(table.Lacks("load"), table.Equals("load", 0))
	}
	return table.Equals("load", load)
}

// exceededSteps are the steps that refuse when so much more exceeds a limit no longer,
// or exceeds it now and did not before.
func exceededSteps(label string, key table.Key, load, limit, more int64) []table.Step {
	switch {
	case load+more <= limit:
		return []table.Step{table.Check(label, key, within(limit, more))}
	case limit < more: // it is exceeded whatever the load is
		return nil
	}
	return []table.Step{table.Check(label, key, table.AtLeast("load", limit-more+1))}
}

// noAgreement is the refusal of what takes an agreement that is active.
func noAgreement(consumerID, eserviceID string, s *agreement.Subscription) error {
	if s != nil {
		return problem.New(interop.PurposeWithoutAgreement, "Agreement %s of consumer %s for e-service %s is %s; this takes one that is ACTIVE.",
			s.AgreementID, consumerID, eserviceID, s.State)
	}
	return problem.New(interop.PurposeWithoutAgreement, "Consumer %s has no active agreement for e-service %s.", consumerID, eserviceID)
}
