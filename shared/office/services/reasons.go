package services

import (
	"slices"
	"strings"

	"ciclo/shared/office"
)

// codes says in words why a service was not approved (App IO, "Passaggio in produzione").
var codes = map[string]office.Text{
	"CONTRACT_NOT_RECEIVED": office.T("Non è stato ricevuto il contratto di adesione (via PEC).",
		"The adhesion contract was not received (by certified e-mail)."),
	"NOT_A_DELEGATE": office.T("L’account che ha generato i servizi non corrisponde a un delegato indicato nel "+
		"contratto di adesione o tramite aggiornamenti via PEC.",
		"The account that made the services is no delegate named in the adhesion contract or in its updates by certified e-mail."),
	"MISSING_METADATA": office.T("Il servizio non presenta tutti i metadati obbligatori nella scheda servizio.",
		"The service lacks metadata that its sheet must have."),
	"INVALID_FIELDS": office.T("Il servizio presenta dei campi non compilati correttamente.",
		"The service has fields that are not filled in correctly."),
	"DUPLICATE_NAME": office.T("L’ente ha già un servizio con questo nome.",
		"The body has a service with this name already."),
}

// details translates what the API says about a field; what is not here is shown as it is.
var details = map[string]string{
	"the privacy notice is needed": "serve l’informativa sulla privacy",
	"one contact is needed: email, pec, phone or " +
		"support_url": "serve un contatto: e-mail, PEC, telefono o pagina " +
		"di assistenza",
	"expected a URL that begins with http: or https: and " +
		"has no blanks": "serve un indirizzo che comincia con http: o https:, senza spazi",
	"expected an e-mail address without a display name, such as " +
		"ufficio@comune.example.it": "serve un indirizzo e-mail senza nome davanti, come ufficio@comune.example.it",
	"expected an IPv4 address, whose numbers are at most 255, or a " +
		"network such as 192.0.2.0/24": "serve un indirizzo IPv4, con numeri fino a 255, o una rete come 192.0.2.0/24",
	"expected more than blanks":    "non può essere vuoto",
	"required property is missing": "manca, ed è obbligatorio",
}

// detail returns what the API says about a member, in every language that has it. m may be nil.
func detail(m *member, text string) office.Text {
	if it, known := details[text]; known {
		return office.T(it, text)
	}
	if rest, duplicate := strings.CutPrefix(text, "the organization has the service "); duplicate {
		id, _, _ := strings.Cut(rest, " ")
		return office.T("l’ente ha già il servizio "+id+" con questo nome", text)
	}
	if strings.HasPrefix(text, "the organization has a service of another owner ") {
		return office.T("l’ente ha già un servizio di un altro titolare con questo nome: scegline un altro", text)
	}
	if m != nil && m.form.IT != "" && strings.Contains(text, "pattern") {
		return m.form
	}
	return office.Same(text)
}

// reason is one thing that has to change before a service is approved.
type reason struct {
	Label office.Text // of the field, empty when it is about none
	Text  office.Text
	Link  string // to the field in the form, "" for none
}

// reasonsOf reads the reason of a rejection: the automatic review has a line for each field.
// A line of a reviewer that names a field leads there, too.
func reasonsOf(id, text string) []reason {
	var all []reason
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		name, rest, found := strings.Cut(line, ": ")
		if m := memberOf(name); found && m != nil {
			all = append(all, reason{Label: m.Label, Text: detail(m, rest), Link: m.link(id)})
			continue
		}
		r := reason{Text: office.Same(line)}
		if m := mentioned(line); m != nil {
			r.Label, r.Link = m.Label, m.link(id)
		}
		all = append(all, r)
	}
	return all
}

// mentioned returns the first member that a line calls by its name in the API or by its
// label, nil when there is none.
func mentioned(line string) *member {
	words := strings.FieldsFunc(line, func(r rune) bool { return strings.ContainsRune(" ,;:.!?()\"'«»`", r) })
	for i := range members {
		m := &members[i]
		_, short, nested := strings.Cut(m.Name, ".")
		if !nested {
			short = m.Name
		}
		if strings.Contains(line, m.Name) && nested || slices.Contains(words, short) && strings.Contains(short, "_") ||
			containsWord(line, m.Label.IT) || containsWord(line, m.Label.EN) {
			return m
		}
	}
	return nil
}

// containsWord reports whether a line has a label as words of their own, in any case.
func containsWord(line, label string) bool {
	between := func(s string) string {
		return " " + strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
			return strings.ContainsRune(" ,;:.!?()\"'’«»`", r)
		}), " ") + " "
	}
	return strings.Contains(between(line), between(label))
}

// reasons returns the findings of a check as what has to change.
func (c *check) reasons(id string) []reason {
	var all []reason
	for _, f := range c.Findings {
		m := memberOf(f.Field)
		r := reason{Text: detail(m, f.Detail)}
		if m != nil {
			r.Label, r.Link = m.Label, m.link(id)
		} else {
			r.Label = office.Same(f.Field)
		}
		all = append(all, r)
	}
	return all
}
