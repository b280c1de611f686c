package eservice

import (
	"net/http"
	"slices"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
)

// descriptorFields are the fields of a descriptor, whose names have a prefix in the body.
func descriptorFields(prefix string, d *descriptor) []*office.Field {
	audience := ""
	if len(d.Audience) > 0 {
		audience = d.Audience[0]
	}
	fields := []*office.Field{
		{
			Name: "description", Kind: "textarea", Rows: 3, Label: office.T("Novità della versione", "What is new in the version"),
			Value: d.Description,
			Help:  office.T("Facoltativa, da 10 a 250 caratteri.", "Optional, 10 to 250 characters."),
		},
		{
			Name: "audience", Label: office.T("Audience dei voucher", "Audience of the vouchers"), Value: audience, Required: true, Mono: true,
			Help: office.T("Come i voucher nominano il tuo servizio, per esempio il suo URL. Dev’essere solo tua.",
				"How vouchers name your service, e.g. its URL. It has to be yours alone."),
		},
		lifespanField(d),
		perConsumerField(d), totalField(d),
		{
			Name: "agreementApprovalPolicy", Kind: "radio", Label: office.T("Approvazione delle richieste", "Approval of requests"),
			Value: d.ApprovalPolicy, Required: true, Options: policyOptions,
		},
	}
	for _, f := range fields {
		f.Name = prefix + f.Name
	}
	return fields
}

func lifespanField(d *descriptor) *office.Field {
	return &office.Field{
		Name: "voucherLifespan", Kind: "number", Label: office.T("Durata dei voucher, in secondi", "Voucher lifespan, in seconds"),
		Value: numberValue(d.VoucherLifespan), Required: true,
		Help: office.T("Da 60 (un minuto) a 86.400 (un giorno).", "60 (a minute) to 86,400 (a day)."),
	}
}

func perConsumerField(d *descriptor) *office.Field {
	return &office.Field{
		Name: "dailyCallsPerConsumer", Kind: "number", Label: office.T("Soglia per fruitore, chiamate al giorno",
			"Threshold for a consumer, calls a day"),
		Value: numberValue(d.DailyCallsPerConsumer), Required: true,
		Help: office.T("Vale per la somma delle finalità attive di un fruitore. Oltre la soglia decidi tu.",
			"For the sum of the active purposes of one consumer. Over the threshold, you decide."),
	}
}

func totalField(d *descriptor) *office.Field {
	return &office.Field{
		Name: "dailyCallsTotal", Kind: "number", Label: office.T("Soglia totale, chiamate al giorno", "Threshold for all consumers, calls a day"),
		Value: numberValue(d.DailyCallsTotal), Required: true,
		Help: office.T("Vale per tutti i fruitori insieme; almeno quanto la soglia per fruitore.",
			"For all consumers together; at least the threshold for one consumer."),
	}
}

// newDescriptor shows the form of a new version, with the terms of the newest one.
func newDescriptor(v *office.Visit) (*office.View, error) {
	f, err := read(v, v.List(1))
	if err != nil {
		return nil, err
	}
	return newDescriptorView(f, newDescriptorForm(f)), nil
}

func newDescriptorForm(f *facts) *office.Form {
	terms := descriptor{VoucherLifespan: 600, ApprovalPolicy: "AUTOMATIC"}
	if n := len(f.Descriptors); n > 0 {
		terms = *f.Descriptors[n-1]
		terms.Description = ""
	}
	path := "/eservices/" + f.EService.ID
	return &office.Form{
		Action: path + "/descriptors/new", Cancel: path, Submit: office.T("Crea la bozza della versione", "Create the draft version"),
		Fields: descriptorFields("", &terms),
	}
}

func newDescriptorView(f *facts, form *office.Form) *office.View {
	return &office.View{
		Template: "descriptor-new.html", Title: office.T("Nuova versione", "New version"), Crumbs: crumbs(f.EService),
		Data: map[string]any{"Facts": f, "Form": form},
	}
}

// createDescriptor makes a new version, as a draft.
func createDescriptor(v *office.Visit) (*office.View, error) {
	f, err := read(v, v.List(1))
	if err != nil {
		return nil, err
	}
	form := newDescriptorForm(f)
	form.Read(v)
	var made descriptor
	err = v.API(m2m.Product).Send(http.MethodPost, pathOf(v)+"/descriptors", m2m.Members(form.Fields, isBlank), &made)
	if refusal, refused := m2m.ShownRefusal(err); refused {
		m2m.RefuseForm(form, refusal)
		shown := newDescriptorView(f, form)
		shown.Refusal, shown.Status = form.Refusal, refusal.Status
		return shown, nil
	}
	if err != nil {
		return nil, err
	}
	return v.Redirect(pathOf(v)+"/descriptors/"+made.ID, office.T("La bozza della versione è stata creata.",
		"The draft version was created.")), nil
}

// descriptorForm is a page that changes a descriptor with one form.
type descriptorForm struct {
	template string
	title    office.Text
	path     string // of the page below the descriptor's, and of the API where it is not the descriptor itself
	below    string
	action   string // that the API has to allow
	fields   func(*descriptor) []*office.Field
	done     office.Text
}

var (
	draftForm = descriptorForm{
		template: "descriptor-edit.html", title: office.T("Modifica la bozza", "Edit the draft"), path: "/edit", action: "update",
		fields: func(d *descriptor) []*office.Field { return descriptorFields("", d) },
		done:   office.T("La bozza è stata salvata.", "The draft was saved."),
	}
	quotasForm = descriptorForm{
		template: "descriptor-quotas.html", title: office.T("Aggiorna le soglie", "Update the thresholds"), path: "/quotas", below: "/quotas",
		action: "updateQuotas",
		fields: func(d *descriptor) []*office.Field {
			return []*office.Field{perConsumerField(d), totalField(d), lifespanField(d)}
		},
		done: office.T("Le soglie sono state aggiornate.", "The thresholds were updated."),
	}
)

func editDescriptor(v *office.Visit) (*office.View, error)   { return draftForm.show(v) }
func changeDescriptor(v *office.Visit) (*office.View, error) { return draftForm.send(v) }
func editQuotas(v *office.Visit) (*office.View, error)       { return quotasForm.show(v) }
func changeQuotas(v *office.Visit) (*office.View, error)     { return quotasForm.send(v) }

func (p descriptorForm) form(f *descriptorFacts) *office.Form {
	path := "/eservices/" + f.EService.ID + "/descriptors/" + f.Descriptor.ID
	return withSeen(&office.Form{Action: path + p.path, Cancel: path, Submit: office.T("Salva", "Save"), Fields: p.fields(f.Descriptor)})
}

// view is the page. It says so where the state does not allow the change any more.
func (p descriptorForm) view(f *descriptorFacts, form *office.Form, changed []office.Change) *office.View {
	return &office.View{
		Template: p.template, Title: p.title,
		Crumbs: crumbs(f.EService, office.Crumb{
			Text: versionText(f.Descriptor), Path: "/eservices/" + f.EService.ID + "/descriptors/" + f.Descriptor.ID,
		}),
		Data: map[string]any{"Facts": f, "Form": form, "Changed": changed, "Allowed": f.May[p.action], "Loads": f.against(form)},
	}
}

func (p descriptorForm) show(v *office.Visit) (*office.View, error) {
	f, err := readDescriptor(v, v.List(m2m.MaxPage))
	if err != nil {
		return nil, err
	}
	return p.view(f, p.form(f), nil), nil
}

// send changes the descriptor. Where others have changed it since the form was shown, it says
// what and changes nothing.
func (p descriptorForm) send(v *office.Visit) (*office.View, error) {
	f, err := readDescriptor(v, v.List(m2m.MaxPage))
	if err != nil {
		return nil, err
	}
	form := p.form(f)
	patch, changed := readOver(v, form)
	if len(changed) > 0 || v.Ticked("preview") {
		shown := p.view(f, form, changed)
		if len(changed) > 0 {
			shown.Status = http.StatusConflict
		}
		return shown, nil
	}
	err = v.API(m2m.Product).Send(http.MethodPatch, descriptorPath(v)+p.below, patch, nil)
	if refusal, refused := m2m.ShownRefusal(err); refused {
		m2m.RefuseForm(form, refusal)
		shown := p.view(f, form, nil)
		shown.Refusal, shown.Status = form.Refusal, refusal.Status
		return shown, nil
	}
	if err != nil {
		return nil, err
	}
	return v.Redirect(descriptorPath(v), p.done), nil
}

// loadAgainst is a load that a new threshold is compared with.
type loadAgainst struct {
	Consumer string
	Bar      office.Bar
}

// against returns the present loads against the thresholds of a form: the total, then the
// consumers of the descriptor to whom its own threshold applies, the greatest first.
func (f *descriptorFacts) against(form *office.Form) []loadAgainst {
	if f.Load == nil {
		return nil
	}
	perConsumer, total := numberTyped(form, "dailyCallsPerConsumer"), numberTyped(form, "dailyCallsTotal")
	calls := office.T("Chiamate al giorno", "Calls a day")
	all := []loadAgainst{{Bar: office.Bar{Label: calls, Load: f.Load.Total, Limit: total}}}
	for _, r := range f.Load.Results {
		if r.DescriptorID != f.Descriptor.ID {
			continue
		}
		limit := perConsumer
		if r.PerConsumer != f.Descriptor.DailyCallsPerConsumer { // a certified attribute gives it another one
			limit = r.PerConsumer
		}
		all = append(all, loadAgainst{Consumer: m2m.NameOr(f.Consumers, r.ConsumerID), Bar: office.Bar{Label: calls, Load: r.Load, Limit: limit}})
	}
	return all
}

// numberTyped returns the value of a field of a form, 0 where it is no number.
func numberTyped(form *office.Form, name string) int64 {
	i := slices.IndexFunc(form.Fields, func(f *office.Field) bool { return f.Name == name })
	if i < 0 {
		return 0
	}
	n, _ := m2m.MemberOf(form.Fields[i]).(int64)
	return n
}
