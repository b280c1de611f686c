package service

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// The codes of a rejection.
const (
	codeContract = "CONTRACT_NOT_RECEIVED"
	codeDelegate = "NOT_A_DELEGATE"
	codeMissing  = "MISSING_METADATA"
	codeInvalid  = "INVALID_FIELDS"

	codeDuplicate = "DUPLICATE_NAME" // not a reviewer's to give
)

// Finding is one field that keeps a service from being approved.
type Finding struct {
	Field  string `json:"field" doc:"The field, as in the request, e.g. metadata.privacy_url"`
	Code   string `json:"code" enum:"MISSING_METADATA,INVALID_FIELDS,DUPLICATE_NAME" doc:"What is wrong with it"`
	Detail string `json:"detail" doc:"What is expected"`
}

// quality is one rule of the automatic review (App IO, ServiceQualityStrict). wrong
// says what is expected instead of the data, "" when nothing is wrong.
type quality struct {
	field    string
	code     string
	complete bool // not asked of services that the platform relaxed the rules for
	wrong    func(*Data) string
}

// qualities are the rules that a draft may break and a submission may not. What
// else App IO checks at submission, this API refuses earlier.
var qualities = []quality{
	{"metadata.privacy_url", codeMissing, true, func(d *Data) string { return missing(d.Metadata.PrivacyURL, "the privacy notice is needed") }},
	{"metadata.privacy_url", codeInvalid, false, func(d *Data) string { return notURL(d.Metadata.PrivacyURL) }},
	{"metadata.email", codeMissing, true, func(d *Data) string {
		return missing(d.Metadata.Email+d.Metadata.PEC+d.Metadata.Phone+d.Metadata.SupportURL, "one contact is needed: email, pec, phone or support_url")
	}},
	{"metadata.email", codeInvalid, false, func(d *Data) string { return notEmail(d.Metadata.Email) }},
	{"metadata.pec", codeInvalid, false, func(d *Data) string { return notEmail(d.Metadata.PEC) }},
	{"metadata.support_url", codeInvalid, false, func(d *Data) string { return notURL(d.Metadata.SupportURL) }},
	{"metadata.tos_url", codeInvalid, false, func(d *Data) string { return notURL(d.Metadata.TosURL) }},
	{"metadata.web_url", codeInvalid, false, func(d *Data) string { return notURL(d.Metadata.WebURL) }},
	{"metadata.app_ios", codeInvalid, false, func(d *Data) string { return notURL(d.Metadata.AppIOS) }},
	{"metadata.app_android", codeInvalid, false, func(d *Data) string { return notURL(d.Metadata.AppAndroid) }},
}

// findings lists what keeps d from being approved, one entry per field; a
// service with relaxed rules may leave out what others must have.
func findings(d *Data, relaxed bool) []Finding {
	all := []Finding{}
	for _, q := range qualities {
		if q.complete && relaxed {
			continue
		}
		if detail := q.wrong(d); detail != "" {
			all = append(all, Finding{q.field, q.code, detail})
		}
	}
	for i, cidr := range d.AuthorizedCIDRs {
		if !isIPv4(cidr) {
			all = append(all, Finding{fmt.Sprintf("authorized_cidrs[%d]", i), codeInvalid, "expected an IPv4 address, whose numbers are at most 255, or a network such as 192.0.2.0/24"})
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
	if holder.Owner == s.Owner {
		return Finding{"name", codeDuplicate, fmt.Sprintf("the organization has the service %s with the name %q already", holder.ServiceID, s.Data.Name)}
	}
	return Finding{"name", codeDuplicate, fmt.Sprintf("the organization has a service of another owner with the name %q already; choose another name", s.Data.Name)}
}

func missing(value, detail string) string {
	if value == "" {
		return detail
	}
	return ""
}

// urlPattern is App IO's; it knows more white space than \s does in Go.
var urlPattern = regexp.MustCompile(`^https?:[^\s\p{Z}\x{FEFF}\x{0B}]+$`)

func notURL(value string) string {
	if value == "" || urlPattern.MatchString(value) {
		return ""
	}
	return "expected a URL that begins with http: or https: and has no blanks"
}

var emailPattern = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\\.)+[A-Za-z]{2,63}$")

const (
	maxEmail      = 254 // RFC 5321 §4.5.3.1.3
	maxEmailLocal = 64  // RFC 5321 §4.5.3.1.1
)

func notEmail(value string) string {
	local, _, _ := strings.Cut(value, "@")
	if value == "" || len(value) <= maxEmail && len(local) <= maxEmailLocal && emailPattern.MatchString(value) {
		return ""
	}
	return "expected an e-mail address without a display name, such as ufficio@comune.example.it"
}

// isIPv4 tells whether text that looks like an IPv4 address or network is one;
// the schema has checked the rest.
func isIPv4(text string) bool {
	address, _, _ := strings.Cut(text, "/")
	for octet := range strings.SplitSeq(address, ".") {
		if n, err := strconv.Atoi(octet); err != nil || n > 255 {
			return false
		}
	}
	return true
}
