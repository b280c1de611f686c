package eservice

import (
	"slices"

	"ciclo/shared/interop"
	"ciclo/shared/platform/problem"
)

// modeReceive is the mode of an e-service to which consumers deliver data.
const modeReceive = "RECEIVE"

// publish makes a draft the descriptor that new agreements are for, and supersedes the
// older descriptors in the same transaction.
func publish(id string) decision {
	return func(before snapshot) (outcome, error) {
		d, rule, err := before.plan(id, actionPublish)
		if err != nil {
			return outcome{}, err
		}
		if err := before.checkPublishable(d); err != nil {
			return outcome{}, err
		}
		after := outcome{Catalogue: before.with(d.inState(rule.To, before.at)), publishedID: id}
		return after.settle(before, before.Descriptors, actionSupersede).claimAudiences(before), nil
	}
}

// checkPublishable returns the problem of a draft that lacks what a publication needs,
// in the published order.
func (s snapshot) checkPublishable(d *Descriptor) error {
	e := s.EService
	isBlank := func(value string) bool { return foldAudience(value) == "" }
	switch {
	case e.Mode == modeReceive:
		return problem.New(interop.RiskAnalysisRequired,
			"EService %s has the mode RECEIVE, and publishing it needs a risk analysis. "+
				"Risk analyses of e-services are not offered here yet, so it cannot be published; %s", e.ID, s.receiveAlternative())
	case len(d.Audience) == 0 || slices.ContainsFunc(d.Audience, isBlank):
		return problem.New(interop.AudienceEmpty,
			"The audience of descriptor %s is empty. Set it with PATCH /eservices/%s/descriptors/%s.", d.ID, e.ID, d.ID)
	case e.PersonalData == nil:
		return problem.New(interop.PersonalDataMissing,
			"EService %s does not say whether it deals with personal data. Set personalData to true or false with %s.",
			e.ID, s.personalDataRequest())
	case slices.ContainsFunc(d.Audience, s.audiences.isReserved):
		return problem.New(interop.AudienceReserved,
			"The audience of descriptor %s is the one of this platform. "+
				"Set it to one that names your service with PATCH /eservices/%s/descriptors/%s.", d.ID, e.ID, d.ID)
	}
	return nil
}

// receiveAlternative says what can be done about a draft of mode RECEIVE.
func (c Catalogue) receiveAlternative() string {
	if c.isPublic() {
		return "its published descriptors stay as they are."
	}
	return "an e-service of the mode DELIVER can."
}

// personalDataRequest names the request that sets the personal data flag.
func (c Catalogue) personalDataRequest() string {
	path := "/eservices/" + c.EService.ID
	if c.isPublic() { // published by a release that did not require the flag
		return "POST " + path + "/personalDataFlag"
	}
	return "PATCH " + path
}
