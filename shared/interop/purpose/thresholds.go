package purpose

import (
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/platform/table"
)

// ThresholdCheck is why a version waits: the calls that it plans, and the loads and
// thresholds when that was decided.
type ThresholdCheck struct {
	Requested   int64    `dynamodbav:"requested" json:"requested" doc:"Calls a day that the version plans"`
	Consumer    int64    `dynamodbav:"consumerLoad" json:"consumerLoad" doc:"Calls a day of the consumer's active purposes on the e-service"`
	Total       int64    `dynamodbav:"totalLoad" json:"totalLoad" doc:"Calls a day of all active purposes on the e-service"`
	PerConsumer int64    `dynamodbav:"dailyCallsPerConsumer" json:"dailyCallsPerConsumer" doc:"Threshold for the consumer"`
	InTotal     int64    `dynamodbav:"dailyCallsTotal" json:"dailyCallsTotal" doc:"Threshold for all consumers"`
	Exceeded    []string `dynamodbav:"exceeded" json:"exceeded" nullable:"false" enum:"CONSUMER,TOTAL" doc:"Thresholds that would be exceeded"`
}

// The thresholds, as ThresholdCheck names them.
const (
	exceedsConsumer = "CONSUMER"
	exceedsTotal    = "TOTAL"
)

// thresholds are the loads of a relation, in calls a day, and the limits of both.
type thresholds struct {
	relation

	consumerLoad int64
	totalLoad    int64
	perConsumer  int64
	total        int64
}

// thresholds returns the loads of the facts and the limits of a descriptor. Where the
// consumer owns certified attributes that have a quota, the greatest of these quotas
// replaces the descriptor's limit for it (PDND, differentiated quotas).
func (f *facts) thresholds(consumerID string, d *eservice.DescriptorSummary, at string) thresholds {
	t := thresholds{
		relation:     relation{consumerID: consumerID, eserviceID: f.eservice.ID},
		consumerLoad: f.consumerLoad,
		totalLoad:    f.totalLoad,
		perConsumer:  d.DailyCallsPerConsumer,
		total:        d.DailyCallsTotal,
	}
	var own int64
	for id, quota := range d.Quotas {
		if f.owned.Has(attribute.Certified, id, f.eservice.ProducerID, at) {
			own = max(own, quota)
		}
	}
	if own > 0 {
		t.perConsumer = own
	}
	return t
}

// exceeded returns the thresholds that would be exceeded by more calls a day.
func (t thresholds) exceeded(more int64) []string {
	all := []string{}
	if t.consumerLoad+more > t.perConsumer {
		all = append(all, exceedsConsumer)
	}
	if t.totalLoad+more > t.total {
		all = append(all, exceedsTotal)
	}
	return all
}

// quota is what the thresholds say about a version.
type quota struct {
	exceeded   *ThresholdCheck // why it has to wait; nil when it fits
	conditions []table.Step    // that this is still so when the decision is written
}

// relation returns the consumer and the e-service of the purpose.
func (p *purpose) relation() relation {
	return relation{consumerID: p.ConsumerID, eserviceID: p.EServiceID}
}

// checkQuota compares a version with the thresholds: one that plans so many calls a day,
// which are more than what the purpose has now. It takes quotaFacts, and returns
// PurposeWithoutAgreement when the agreement is not ACTIVE.
func (s snapshot) checkQuota(requested, more int64) (quota, error) {
	t, conditions, err := s.facts.limits(s.purpose.relation(), s.at())
	if err != nil {
		return quota{}, err
	}
	check := t.check(requested, more)
	if len(check.Exceeded) == 0 {
		return quota{conditions: append(conditions, t.reserveSteps(more)...)}, nil
	}
	return quota{exceeded: &check, conditions: append(conditions, t.waitSteps(more, s.round)...)}, nil
}

// check says which thresholds a version exceeds that plans so many calls a day, which are
// more than what the purpose has now.
func (t thresholds) check(requested, more int64) ThresholdCheck {
	return ThresholdCheck{
		Requested: requested, Consumer: t.consumerLoad, Total: t.totalLoad, PerConsumer: t.perConsumer, InTotal: t.total,
		Exceeded: t.exceeded(more),
	}
}

// Labels of the steps on the ledger, conditions and updates alike.
const (
	labelConsumerLoad = "consumer-load"
	labelTotalLoad    = "total-load"
)

// counter is an account of the ledger.
type counter struct {
	Load    int64 `dynamodbav:"load"`
	Changes int64 `dynamodbav:"changes"`
}

// ledgerSteps add more calls a day, or take some away when more is negative, in the
// accounts of a relation.
func ledgerSteps(r relation, more int64) []table.Step {
	if more == 0 {
		return nil
	}
	do := table.Changes{Add: map[string]int64{"load": more, "changes": 1}}
	return []table.Step{
		table.Update(labelConsumerLoad, loadKey(r.eserviceID, r.consumerID), do),
		table.Update(labelTotalLoad, totalKey(r.eserviceID), do),
	}
}

// reserveSteps are the conditions that more calls a day still fit both thresholds.
//
// The database compares, in the transaction that adds the load, so that two versions that
// were read as fitting cannot pass together. Without these conditions the load overshoots
// the thresholds (TestStampede).
func (t thresholds) reserveSteps(more int64) []table.Step {
	return []table.Step{
		table.Check(labelConsumerLoad, loadKey(t.eserviceID, t.consumerID), fits(t.perConsumer, more)),
		table.Check(labelTotalLoad, totalKey(t.eserviceID), fits(t.total, more)),
	}
}

// fits is the condition that an account may grow by more. One that is absent holds 0.
func fits(limit, more int64) table.Cond {
	return table.Any(table.Lacks("load"), table.AtMost("load", limit-more))
}

// assertedRounds is how many rounds of a change re-check, when they write, that a version
// has to wait.
const assertedRounds = 4

// waitSteps are the conditions under which a version starts to wait because more calls a
// day exceed a threshold. They refuse when its ThresholdCheck is no longer true.
//
// A ThresholdCheck always describes one moment. The first round requires both loads to be
// as they were read, so the moment is that of the transaction. Later rounds have read the
// loads as a snapshot, and require that the same thresholds are exceeded but not that the
// loads are the same: on an e-service with many consumers they change all the time. After
// assertedRounds nothing is required. Waiting adds no load, so a stale decision is safe;
// where others cross the threshold back and forth the check might otherwise never succeed
// (TestRestlessThreshold). Without these conditions a version can wait for one threshold
// and its ThresholdCheck can name the other (TestWaitTellsOfOneMoment,
// TestWaitOnLoadsReadApart).
func (t thresholds) waitSteps(more int64, round int) []table.Step {
	consumerKey := loadKey(t.eserviceID, t.consumerID)
	switch {
	case round == 0:
		return []table.Step{
			table.Check(labelConsumerLoad, consumerKey, loadIs(t.consumerLoad)),
			table.Check(labelTotalLoad, totalKey(t.eserviceID), loadIs(t.totalLoad)),
		}
	case round >= assertedRounds:
		return nil
	}
	return append(exceededSteps(labelConsumerLoad, consumerKey, t.consumerLoad, t.perConsumer, more),
		exceededSteps(labelTotalLoad, totalKey(t.eserviceID), t.totalLoad, t.total, more)...)
}

// loadIs is the condition that an account holds a load. One that is absent holds 0.
func loadIs(load int64) table.Cond {
	if load == 0 {
		return table.Any(table.Lacks("load"), table.Equals("load", 0))
	}
	return table.Equals("load", load)
}

// exceededSteps are the conditions that more calls a day exceed the limit of an account
// if, and only if, they exceeded it with the load that was read.
func exceededSteps(label string, key table.Key, load, limit, more int64) []table.Step {
	switch {
	case load+more <= limit:
		return []table.Step{table.Check(label, key, fits(limit, more))}
	case limit < more: // exceeded with any load
		return nil
	}
	return []table.Step{table.Check(label, key, table.AtLeast("load", limit-more+1))}
}
