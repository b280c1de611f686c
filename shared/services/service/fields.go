package service

import "reflect"

// field is one thing the owner says about a service.
type field struct {
	name     string
	reviewed bool // a change of it needs a reviewer (App IO, MANUAL_REVIEW_PROPERTIES)
	value    func(*Data) any
}

// fields lists what a reviewer compares with the approved copy. The payment
// amount is not in it: the publication has the platform's ceiling instead.
var fields = []field{
	{"name", true, func(d *Data) any { return d.Name }},
	{"description", true, func(d *Data) any { return d.Description }},
	{"organization.name", true, func(d *Data) any { return d.Organization.Name }},
	{"organization.fiscal_code", true, func(d *Data) any { return d.Organization.FiscalCode }},
	{"organization.department_name", false, func(d *Data) any { return d.Organization.DepartmentName }},
	{"require_secure_channel", false, func(d *Data) any { return d.RequireSecureChannel }},
	{"authorized_recipients", false, func(d *Data) any { return d.AuthorizedRecipients }},
	{"authorized_cidrs", false, func(d *Data) any { return d.AuthorizedCIDRs }},
	{"suitable_for_minors", false, func(d *Data) any { return d.SuitableForMinors != nil && *d.SuitableForMinors }},
	{"metadata.scope", true, func(d *Data) any { return d.Metadata.Scope }},
	{"metadata.topic_id", false, func(d *Data) any {
		if d.TopicID == nil {
			return nil
		}
		return *d.TopicID
	}},
	{"metadata.web_url", false, func(d *Data) any { return d.Metadata.WebURL }},
	{"metadata.app_ios", false, func(d *Data) any { return d.Metadata.AppIOS }},
	{"metadata.app_android", false, func(d *Data) any { return d.Metadata.AppAndroid }},
	{"metadata.tos_url", false, func(d *Data) any { return d.Metadata.TosURL }},
	{"metadata.privacy_url", false, func(d *Data) any { return d.Metadata.PrivacyURL }},
	{"metadata.address", false, func(d *Data) any { return d.Metadata.Address }},
	{"metadata.phone", false, func(d *Data) any { return d.Metadata.Phone }},
	{"metadata.email", false, func(d *Data) any { return d.Metadata.Email }},
	{"metadata.pec", false, func(d *Data) any { return d.Metadata.PEC }},
	{"metadata.cta", false, func(d *Data) any { return d.Metadata.CTA }},
	{"metadata.token_name", false, func(d *Data) any { return d.Metadata.TokenName }},
	{"metadata.support_url", false, func(d *Data) any { return d.Metadata.SupportURL }},
}

// needsReviewer tells whether a person has to look at the service: it was never
// approved, or something differs that was.
func (s snapshot) needsReviewer() bool {
	if s.publication == nil {
		return true
	}
	for _, f := range fields {
		if f.reviewed && differs(f, &s.service.Data, s.publication.approved()) {
			return true
		}
	}
	return false
}

func differs(f field, a, b *Data) bool { return !reflect.DeepEqual(f.value(a), f.value(b)) }

// Difference is one field that differs from the approved copy.
type Difference struct {
	Field     string `json:"field" doc:"The field, as in the request"`
	Approved  any    `json:"approved" doc:"What was approved last"`
	Submitted any    `json:"submitted" doc:"What is asked for now"`
}

// differences lists what a submitted service changes of its approved copy; all of
// it is new when there is none.
func (s snapshot) differences() []Difference {
	all := []Difference{}
	if s.publication == nil {
		return all
	}
	for _, f := range fields {
		if differs(f, &s.service.Data, s.publication.approved()) {
			all = append(all, Difference{f.name, f.value(s.publication.approved()), f.value(&s.service.Data)})
		}
	}
	return all
}
