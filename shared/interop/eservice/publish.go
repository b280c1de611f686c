package eservice

import (
	"slices"

	"ciclo/shared/interop"
	"ciclo/shared/platform/problem"
)

// modeReceive is the mode of an e-service that consumers deliver data to.
const modeReceive = "RECEIVE"

// publish makes a draft the descriptor that is subscribed from now on, and
// supersedes the older ones in the same transaction.
func publish(id string) change {
	return func(before Catalogue, at string) (Catalogue, error) {
		d, rule, err := before.plan(id, actionPublish)
		if err == nil {
			err = before.publishable(d)
		}
		if err != nil {
			return before, err
		}
		after := before.with(d.moved(rule.To, at)).settled(before.Descriptors, actionSupersede, at)
		after.published = id
		return after.claimAudiences(), nil
	}
}

// publishable refuses a draft that lacks what a publication needs, in the published
// order.
func (c Catalogue) publishable(d *Descriptor) error {
	e := c.EService
	blank := func(value string) bool { return foldAudience(value) == "" }
	switch {
	case e.Mode == modeReceive:
		return problem.New(interop.RiskAnalysisRequired,
			"EService %s has the mode RECEIVE, whose publication needs a risk analysis. Risk analyses of e-services are not offered here yet, so it cannot be published; %s", e.ID, c.insteadOfReceive())
	case len(d.Audience) == 0 || slices.ContainsFunc(d.Audience, blank):
		return problem.New(interop.AudienceEmpty, "The audience of descriptor %s is empty. Set it with PATCH /eservices/%s/descriptors/%s.", d.ID, e.ID, d.ID)
	case e.PersonalData == nil:
		return problem.New(interop.PersonalDataMissing, "EService %s does not say whether it deals with personal data. Set personalData to true or false with %s.", e.ID, c.personalDataAt())
	case slices.ContainsFunc(d.Audience, c.audiences.reserved):
		return problem.New(interop.AudienceReserved,
			"The audience of descriptor %s is that of this platform itself. Set it to what names your service with PATCH /eservices/%s/descriptors/%s.", d.ID, e.ID, d.ID)
	}
	return nil
}

// insteadOfReceive tells what can be done about a draft of mode RECEIVE.
func (c Catalogue) insteadOfReceive() string {
	if c.isPublic() {
		return "its published descriptors stay as they are."
	}
	return "an e-service of the mode DELIVER can."
}

// personalDataAt names the request that sets the flag of the e-service as it is now.
func (c Catalogue) personalDataAt() string {
	path := "/eservices/" + c.EService.ID
	if c.isPublic() { // published by a release that did not ask for the flag
		return "POST " + path + "/personalDataFlag"
	}
	return "PATCH " + path
}
