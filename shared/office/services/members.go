package services

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"ciclo/shared/office"
)

// member is a member of a service that the forms show.
type member struct {
	office.Field
	step  int
	value func(text string) any // what is sent for a text that is not empty; nil for the text itself
	empty any                   // what is sent for an empty text; nil leaves the member out
	form  office.Text           // says which form the text has to have
}

// stepNames are the names of the steps of the form; a step is known by its number, from 1.
var stepNames = []office.Text{
	office.T("Il servizio", "The service"),
	office.T("Contatti e collegamenti", "Contacts and links"),
	office.T("Impostazioni", "Settings"),
}

// members are the fields of the form, in its order.
var members = []member{
	{step: 1, Field: office.Field{
		Name: "name", Label: office.T("Nome del servizio", "Name of the service"), Required: true,
		Help: office.T("Tre o quattro parole, senza sigle e senza il nome dell’ente.",
			"Three or four words, without acronyms and without the body’s name."),
	}},
	{step: 1, Field: office.Field{
		Name: "description", Kind: "textarea", Rows: 8, Label: office.T("Descrizione", "Description"), Required: true,
		Help: office.T("Che cosa offre il servizio e a chi. Si può usare Markdown.",
			"What the service offers, and to whom. Markdown may be used."),
	}},
	{step: 1, value: wholeNumber, Field: office.Field{
		Name: "metadata.topic_id", Kind: "select", Label: office.T("Argomento", "Topic"),
	}},
	{step: 1, Field: office.Field{
		Name: "metadata.scope", Kind: "radio", Label: office.T("Ambito", "Scope"), Required: true, Value: "LOCAL",
		Options: []office.Option{
			{Value: "LOCAL", Text: office.T("Locale: per un territorio", "Local: for a place")},
			{Value: "NATIONAL", Text: office.T("Nazionale: per tutto il Paese", "National: for the whole country")},
		},
	}},
	{step: 1, Field: office.Field{
		Name: "organization.name", Label: office.T("Ente", "Public body"), Required: true, Complete: "organization",
	}},
	{step: 1, form: office.T("servono 11 cifre", "11 digits are expected"), Field: office.Field{
		Name: "organization.fiscal_code", Label: office.T("Codice fiscale dell’ente", "Fiscal code of the body"), Required: true,
		Help: office.T("11 cifre.", "11 digits."),
	}},
	{step: 1, Field: office.Field{
		Name: "organization.department_name", Label: office.T("Ufficio", "Department"),
	}},
	{step: 2, Field: office.Field{
		Name: "metadata.privacy_url", Kind: "url", Label: office.T("Informativa sulla privacy", "Privacy notice"),
		Help: office.T("Indirizzo della pagina. Serve per pubblicare il servizio.", "Address of the page. It is needed to publish the service."),
	}},
	{step: 2, Field: office.Field{
		Name: "metadata.email", Kind: "email", Label: office.T("E-mail", "E-mail"), Complete: "email",
		Help: office.T("Per pubblicare il servizio serve un contatto: e-mail, PEC, telefono o pagina di assistenza.",
			"One contact is needed to publish the service: e-mail, certified e-mail, telephone or help page."),
	}},
	{step: 2, Field: office.Field{Name: "metadata.pec", Kind: "email", Label: office.T("PEC", "Certified e-mail")}},
	{step: 2, Field: office.Field{Name: "metadata.phone", Kind: "tel", Label: office.T("Telefono", "Telephone"), Complete: "tel"}},
	{step: 2, Field: office.Field{Name: "metadata.support_url", Kind: "url", Label: office.T("Pagina di assistenza", "Help page")}},
	{step: 2, Field: office.Field{Name: "metadata.address", Label: office.T("Indirizzo", "Postal address"), Complete: "street-address"}},
	{step: 2, Field: office.Field{Name: "metadata.web_url", Kind: "url", Label: office.T("Pagina del servizio", "Web page of the service")}},
	{step: 2, Field: office.Field{Name: "metadata.tos_url", Kind: "url", Label: office.T("Termini e condizioni", "Terms of service")}},
	{step: 2, Field: office.Field{Name: "metadata.app_ios", Kind: "url", Label: office.T("App per iOS", "App for iOS")}},
	{step: 2, Field: office.Field{Name: "metadata.app_android", Kind: "url", Label: office.T("App per Android", "App for Android")}},
	{step: 3, Field: office.Field{
		Name: "metadata.cta", Kind: "textarea", Rows: 5, Mono: true, Label: office.T("Pulsanti della scheda", "Buttons of the page"),
		Help: office.T("Front matter YAML, come lo legge l’app.", "YAML front matter, as the app reads it."),
	}},
	{step: 3, value: isTrue, empty: false, Field: office.Field{
		Name: "require_secure_channel", Kind: "checkbox",
		Label: office.T("Mostra i messaggi solo dopo lo sblocco dell’app", "Show messages only once the app is unlocked"),
	}},
	{step: 3, value: isTrue, Field: office.Field{
		Name: "suitable_for_minors", Kind: "select", Label: office.T("Adatto a chi ha almeno 14 anni", "Suitable from the age of 14"),
		Options: []office.Option{
			{Value: "", Text: office.T("Non indicato", "Not stated")},
			{Value: "true", Text: office.T("Sì", "Yes")},
			{Value: "false", Text: office.T("No", "No")},
		},
	}},
	{step: 3, value: wholeNumber, empty: 0.0, Field: office.Field{
		Name: "max_allowed_payment_amount", Kind: "number", Label: office.T("Importo massimo di un pagamento", "Largest payment"),
		Help: office.T("In centesimi di euro: 1000 sono 10 euro.", "In euro cents: 1000 is 10 euro."),
	}},
	{step: 3, value: lines, empty: []any{}, form: office.T("su ogni riga serve un indirizzo IPv4 o una rete, come 192.0.2.0/24",
		"an IPv4 address or a network is expected in each line, such as 192.0.2.0/24"), Field: office.Field{
		Name: "authorized_cidrs", Kind: "textarea", Rows: 3, Mono: true, Label: office.T("Reti da cui si usano le chiavi",
			"Networks that the keys are used from"),
		Help: office.T("Una per riga, per esempio 192.0.2.0/24. Senza reti vanno bene tutte.",
			"One a line, such as 192.0.2.0/24. Without any, all may."),
	}},
	{step: 3, value: lines, empty: []any{}, form: office.T("su ogni riga serve un codice fiscale di 16 caratteri, in maiuscole",
		"a fiscal code of 16 characters in capitals is expected in each line"), Field: office.Field{
		Name: "authorized_recipients", Kind: "textarea", Rows: 3, Mono: true, Label: office.T("Destinatari di prova", "Recipients on trial"),
		Help: office.T("Un codice fiscale per riga. Quello dell’ambiente di prova è aggiunto sempre.",
			"One fiscal code a line. That of the sandbox is always added."),
	}},
}

// wholeNumber returns the number that a text is. What is none is sent as it is, and refused.
func wholeNumber(text string) any {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return float64(n)
	}
	return text
}

func isTrue(text string) any { return text == "true" }

// lines returns the lines of a text that are not empty.
func lines(text string) any {
	all := []any{}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			all = append(all, line)
		}
	}
	return all
}

// memberOf returns the member that a name of the API is about: of an entry of a list, the
// list. It is nil when no form shows it.
func memberOf(name string) *member {
	name = strings.TrimPrefix(name, "body.")
	if name, _, _ = strings.Cut(name, "["); name == "metadata.topic" {
		name = "metadata.topic_id"
	}
	i := slices.IndexFunc(members, func(m member) bool { return m.Name == name })
	if i < 0 {
		return nil
	}
	return &members[i]
}

// Link returns the page of the form that has the member, at its field.
func (m *member) link(id string) string {
	return pagePath(id, "/edit/"+strconv.Itoa(m.step)) + "#" + m.ID()
}

// set writes what was typed into a sheet.
func (m *member) set(s sheet, text string) {
	switch {
	case text == "":
		s.set(m.Name, m.empty)
	case m.value != nil:
		s.set(m.Name, m.value(text))
	default:
		s.set(m.Name, text)
	}
}

// euro returns an amount in cents as the pages show it.
func euro(cents string) office.Text {
	n, err := strconv.ParseInt(cents, 10, 64)
	if err != nil {
		return office.Same(cents)
	}
	return office.T(fmt.Sprintf("%d,%02d €", n/100, n%100), fmt.Sprintf("€%d.%02d", n/100, n%100))
}

// shown returns a member as the pages show it.
func (m *member) shown(s sheet) office.Text {
	text := s.Text(m.Name)
	switch m.Name {
	case "metadata.topic_id":
		return office.Same(s.Text("metadata.topic.name"))
	case "max_allowed_payment_amount":
		return euro(text)
	}
	switch m.Kind {
	case "checkbox":
		return map[string]office.Text{"true": office.T("Sì", "Yes"), "false": office.T("No", "No")}[text]
	case "select", "radio":
		for _, o := range m.Options {
			if o.Value == text && text != "" {
				return o.Text
			}
		}
	}
	return office.Same(text)
}
