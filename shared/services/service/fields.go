package service

import "reflect"

// field is one field of the data of a service.
type field struct {
	name     string
	reviewed bool // a change needs a reviewer (App IO, MANUAL_REVIEW_PROPERTIES)
	value    func(*Data) any
}

// fields lists the fields that are compared with the approved copy. The payment amount is
// not compared, because the publication has the platform's ceiling instead.
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

// needsReviewer reports whether the service was never approved, or differs from the approved
// copy in a field that needs a reviewer.
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

// Difference is a field that differs from the approved copy.
type Difference struct {
	Field     string `json:"field" doc:"The field, as in the request"`
	Approved  any    `json:"approved" doc:"Its value in the copy approved last"`
	Submitted any    `json:"submitted" doc:"Its value in the submission"`
}

// differences lists the fields in which a submitted service differs from its approved copy.
// Without an approved copy there are none.
func (s snapshot) differences() []Difference {
	all := []Difference{}
	if s.publication == nil {
		return all
	}
	for _, f := range fields {
		if differs(f, &s.service.Data, s.publication.approved()) {
			all = append(all, Difference{Field: f.name, Approved: f.value(s.publication.approved()), Submitted: f.value(&s.service.Data)})
		}
	}
	return all
}
