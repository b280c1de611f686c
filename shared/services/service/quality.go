package service

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// The codes that the automatic review gives. Reviewers give others, too: see RejectInput.
const (
	codeMissing   = "MISSING_METADATA"
	codeInvalid   = "INVALID_FIELDS"
	codeDuplicate = "DUPLICATE_NAME" // given also by an approval, never by a reviewer
)

// Finding is one field that keeps a service from being approved.
type Finding struct {
	Field  string `json:"field" doc:"The field, as in the request, e.g. metadata.privacy_url"`
	Code   string `json:"code" enum:"MISSING_METADATA,INVALID_FIELDS,DUPLICATE_NAME" doc:"What is wrong with it"`
	Detail string `json:"detail" doc:"What is expected"`
}

// qualityRule is one rule of the automatic review (App IO, ServiceQualityStrict).
type qualityRule struct {
	field    string
	code     string
	optional bool                 // services with relaxed rules may break it
	check    func(d *Data) string // returns what is expected, "" when d keeps the rule
}

// qualityRules are the rules that a draft may break and a submission may not. Whatever else
// App IO checks at a submission, this API refuses when the data are sent.
var qualityRules = []qualityRule{
	{field: "metadata.privacy_url", code: codeMissing, optional: true, check: func(d *Data) string {
		return checkPresent("the privacy notice is needed", d.Metadata.PrivacyURL)
	}},
	{field: "metadata.privacy_url", code: codeInvalid, check: func(d *Data) string { return checkURL(d.Metadata.PrivacyURL) }},
	{field: "metadata.email", code: codeMissing, optional: true, check: func(d *Data) string {
		contacts := d.Metadata.Email + d.Metadata.PEC + d.Metadata.Phone + d.Metadata.SupportURL
		return checkPresent("one contact is needed: email, pec, phone or support_url", contacts)
	}},
	{field: "metadata.email", code: codeInvalid, check: func(d *Data) string { return checkEmail(d.Metadata.Email) }},
	{field: "metadata.pec", code: codeInvalid, check: func(d *Data) string { return checkEmail(d.Metadata.PEC) }},
	{field: "metadata.support_url", code: codeInvalid, check: func(d *Data) string { return checkURL(d.Metadata.SupportURL) }},
	{field: "metadata.tos_url", code: codeInvalid, check: func(d *Data) string { return checkURL(d.Metadata.TosURL) }},
	{field: "metadata.web_url", code: codeInvalid, check: func(d *Data) string { return checkURL(d.Metadata.WebURL) }},
	{field: "metadata.app_ios", code: codeInvalid, check: func(d *Data) string { return checkURL(d.Metadata.AppIOS) }},
	{field: "metadata.app_android", code: codeInvalid, check: func(d *Data) string { return checkURL(d.Metadata.AppAndroid) }},
}

// findings lists what keeps d from being approved, one entry per field. A relaxed service
// may lack the fields that are mandatory for others.
func findings(d *Data, isRelaxed bool) []Finding {
	all := []Finding{}
	for _, rule := range qualityRules {
		if rule.optional && isRelaxed {
			continue
		}
		if expected := rule.check(d); expected != "" {
			all = append(all, Finding{Field: rule.field, Code: rule.code, Detail: expected})
		}
	}
	for i, cidr := range d.AuthorizedCIDRs {
		if !isIPv4(cidr) {
			all = append(all, Finding{
				Field: fmt.Sprintf("authorized_cidrs[%d]", i), Code: codeInvalid,
				Detail: "expected an IPv4 address, whose numbers are at most 255, or a network such as 192.0.2.0/24",
			})
		}
	}
	return all
}

// rejection returns the reason of an automatic rejection, a line per field, and its code.
func (r review) rejection(s *service) (reason, code string) {
	if len(r.findings) == 0 {
		return duplicateName(s, r.holder).line(), codeDuplicate
	}
	lines := make([]string, len(r.findings))
	code = codeInvalid
	for i, f := range r.findings {
		lines[i] = f.line()
		if f.Code == codeMissing {
			code = codeMissing
		}
	}
	return strings.Join(lines, "\n"), code
}

func (f Finding) line() string { return f.Field + ": " + f.Detail }

// duplicateName is the finding that another service has the name already. It names that
// service only where both have the same owner.
func duplicateName(s *service, holder *claim) Finding {
	f := Finding{Field: "name", Code: codeDuplicate}
	if holder.Owner == s.Owner {
		f.Detail = fmt.Sprintf("the organization has the service %s with the name %q already", holder.ServiceID, s.Data.Name)
	} else {
		f.Detail = fmt.Sprintf("the organization has a service of another owner with the name %q already; choose another name", s.Data.Name)
	}
	return f
}

func checkPresent(expected, value string) string {
	if value == "" {
		return expected
	}
	return ""
}

// urlPattern is App IO's. It excludes more white space than \s does in Go.
var urlPattern = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^https?:[^\s\p{Z}\x{FEFF}\x{0B}]+$`) })

func checkURL(value string) string {
	if value == "" || urlPattern().MatchString(value) {
		return ""
	}
	return "expected a URL that begins with http: or https: and has no blanks"
}

var emailPattern = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile("^" + emailAtom + `(\.` + emailAtom + ")*@" +
		`([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$`)
})

const (
	emailAtom     = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+" // RFC 5322 §3.2.3
	maxEmail      = 254                               // RFC 5321 §4.5.3.1.3
	maxEmailLocal = 64                                // RFC 5321 §4.5.3.1.1
)

func checkEmail(value string) string {
	local, _, _ := strings.Cut(value, "@")
	if value == "" || len(value) <= maxEmail && len(local) <= maxEmailLocal && emailPattern().MatchString(value) {
		return ""
	}
	return "expected an e-mail address without a display name, such as ufficio@comune.example.it"
}

// isIPv4 reports whether text is an IPv4 address or network. The schema of the request has
// checked everything but the greatest number.
func isIPv4(text string) bool {
	address, _, _ := strings.Cut(text, "/")
	for octet := range strings.SplitSeq(address, ".") {
		if n, err := strconv.Atoi(octet); err != nil || n > 255 {
			return false
		}
	}
	return true
}
