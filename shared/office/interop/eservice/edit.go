package eservice

import (
	"net/http"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
)

// edit is a part of an e-service that is changed with one call.
type edit struct {
	part   string // in the page's path
	action string // that the API allows
	title  office.Text
	method string
	path   string // below that of the e-service
	submit office.Text
	note   office.Text // what follows from it
	fields []string
	once   bool // it is sent whole, and cannot be changed again
}

// edits are the parts, in the order of the page. A draft is changed as a whole.
var edits = []edit{
	{
		part: "draft", action: "update", title: office.T("Dati dell’e-service", "Data of the e-service"), method: http.MethodPatch,
		submit: office.T("Salva", "Save"),
		fields: []string{
			"name", "description", "technology", "mode", "personalData", "isSignalHubEnabled", "isConsumerDelegable",
			"isClientAccessDelegable", "asyncExchange",
		},
	},
	{
		part: "name", action: "updateName", title: office.T("Nome", "Name"), method: http.MethodPatch, path: "/name",
		submit: office.T("Cambia il nome", "Change the name"), fields: []string{"name"},
		note: office.T("I fruitori vedono subito il nome nuovo, anche nelle richieste di fruizione.",
			"Consumers see the new name at once, in their requests, too."),
	},
	{
		part: "description", action: "updateDescription", title: office.T("Descrizione", "Description"), method: http.MethodPatch,
		path: "/description", submit: office.T("Cambia la descrizione", "Change the description"), fields: []string{"description"},
	},
	{
		part: "signal-hub", action: "updateSignalHub", title: office.T("Signal hub", "Signal hub"), method: http.MethodPatch,
		path: "/signalHub", submit: office.T("Salva il signal hub", "Save the signal hub"), fields: []string{"isSignalHubEnabled"},
	},
	{
		part: "delegation", action: "updateDelegation", title: office.T("Delega", "Delegation"), method: http.MethodPatch,
		path: "/delegation", submit: office.T("Salva le deleghe", "Save the delegation"),
		fields: []string{"isConsumerDelegable", "isClientAccessDelegable"},
	},
	{
		part: "personal-data", action: "setPersonalData", title: office.T("Dati personali", "Personal data"), method: http.MethodPost,
		path: "/personalDataFlag", submit: office.T("Indica e conferma", "State and confirm"), fields: []string{"personalData"}, once: true,
		note: office.T("Si indica una volta sola: i fruitori vi fanno affidamento, perciò non si può più cambiare.",
			"This is stated once: consumers rely on it, so it cannot be changed later."),
	},
}

// fields are the fields of an e-service.
func fields(e *eservice) []*office.Field {
	return []*office.Field{
		{
			Name: "name", Label: office.T("Nome", "Name"), Value: e.Name, Required: true,
			Help: office.T("Da 5 a 60 caratteri, diverso da quello degli altri tuoi e-service.",
				"5 to 60 characters, other than those of your other e-services."),
		},
		{
			Name: "description", Kind: "textarea", Label: office.T("Descrizione", "Description"), Value: e.Description, Required: true,
			Help: office.T("A che cosa serve, da 10 a 400 caratteri.", "What it is for, 10 to 400 characters."),
		},
		{
			Name: "technology", Kind: "radio", Label: office.T("Tecnologia", "Technology"), Value: e.Technology, Required: true,
			Options: technologyOptions,
		},
		{
			Name: "mode", Kind: "radio", Label: office.T("Modalità", "Mode"), Value: e.Mode, Required: true, Options: modeOptions,
			Help: office.T("Un e-service che riceve dati non si può ancora pubblicare: serve un’analisi del rischio che qui non è offerta.",
				"An e-service that receives data cannot be published yet: it needs a risk analysis, which is not offered here."),
		},
		{
			Name: "personalData", Kind: "select", Label: office.T("Tratta dati personali", "Deals with personal data"),
			Value:   optionalFlagValue(e.PersonalData),
			Options: optionsAfter(office.T("Non indicato", "Not stated"), flagOptions),
			Help:    office.T("Va indicato prima della pubblicazione.", "To be stated before the publication."),
		},
		{Name: "isSignalHubEnabled", Kind: "checkbox", Label: office.T("Segnala le variazioni dei dati (signal hub)",
			"It signals changes of data (signal hub)"), Value: flagValue(e.SignalHub)},
		{Name: "isConsumerDelegable", Kind: "checkbox", Label: office.T("I fruitori possono delegare la fruizione",
			"Consumers may delegate its use"), Value: flagValue(e.ConsumerDelegable)},
		{
			Name: "isClientAccessDelegable", Kind: "checkbox", Label: office.T("I delegati possono usare i propri client",
				"Delegates may use their own clients"),
			Value: flagValue(e.ClientAccessDelegable), Help: office.T("Solo se i fruitori possono delegare.", "Only where consumers may delegate."),
		},
		{
			Name: "asyncExchange", Kind: "select", Label: office.T("Risponde in modo asincrono", "Answers asynchronously"),
			Value:   optionalFlagValue(e.AsyncExchange),
			Options: optionsAfter(office.T("Non indicato", "Not stated"), flagOptions),
		},
	}
}

// form returns the form of a part of an e-service.
func (p edit) form(e *eservice) *office.Form {
	f := &office.Form{Action: "/eservices/" + e.ID + "/edit/" + p.part, Submit: p.submit}
	for _, field := range fields(e) {
		for _, name := range p.fields {
			if field.Name == name {
				f.Fields = append(f.Fields, field)
			}
		}
	}
	if p.once {
		f.Field("personalData").Required, f.Field("personalData").Help = true, office.Text{}
	}
	return withSeen(f)
}

// sentPart is a form of the page that edits an e-service.
type sentPart struct {
	Title   office.Text
	Note    office.Text
	Form    *office.Form
	Changed []office.Change // what others have changed since the form was shown
}

// showNew shows the form of a new e-service.
func showNew(*office.Visit) (*office.View, error) { return newView(newForm()), nil }

func newForm() *office.Form {
	first := &descriptor{VoucherLifespan: 600, ApprovalPolicy: "AUTOMATIC"}
	return &office.Form{
		Action: "/eservices/new", Submit: office.T("Crea la bozza", "Create the draft"), Cancel: "/eservices/mine",
		Fields: append(fields(&eservice{Technology: "REST", Mode: "DELIVER"}), descriptorFields("descriptor.", first)...),
	}
}

func newView(f *office.Form) *office.View {
	return &office.View{
		Template: "eservice-new.html", Title: office.T("Nuovo e-service", "New e-service"), Data: map[string]any{
			"Form":  f,
			"Parts": len(fields(&eservice{})),
		},
		Crumbs: []office.Crumb{{Text: office.T("I miei e-service", "My e-services"), Path: "/eservices/mine"}},
	}
}

// create makes an e-service with its first version, both drafts.
func create(v *office.Visit) (*office.View, error) {
	f := newForm()
	f.Read(v)
	var made eservice
	err := v.API(m2m.Product).Send(http.MethodPost, "/eservices", m2m.Members(f.Fields, isBlank), &made)
	if refusal, refused := m2m.ShownRefusal(err); refused {
		m2m.RefuseForm(f, refusal)
		shown := newView(f)
		shown.Refusal, shown.Status = f.Refusal, refusal.Status
		return shown, nil
	}
	if err != nil {
		return nil, err
	}
	return v.Redirect("/eservices/"+made.ID,
		office.T("La bozza è stata creata. Ora aggiungi gli attributi richiesti, poi pubblica la versione 1.",
			"The draft was created. Now add required attributes, then publish version 1.")), nil
}

// showEdit shows the forms for the parts of an e-service that the API allows to change.
func showEdit(v *office.Visit) (*office.View, error) {
	f, err := read(v, v.List(1))
	if err != nil {
		return nil, err
	}
	return editView(f, nil, ""), nil
}

// editView is the page with the forms; that of a part may be one that was sent.
func editView(f *facts, sent *sentPart, part string) *office.View {
	var parts []*sentPart
	for _, p := range edits {
		switch {
		case p.part == part && sent != nil:
			parts = append(parts, sent)
		case f.Allowed[p.action]:
			parts = append(parts, &sentPart{Title: p.title, Note: p.note, Form: p.form(f.EService)})
		}
	}
	return &office.View{
		Template: "eservice-edit.html", Title: office.T("Modifica l’e-service", "Edit the e-service"), Crumbs: crumbs(f.EService),
		Data: map[string]any{"Facts": f, "Parts": parts},
	}
}

// change changes a part of an e-service. Where others have changed it since the form
// was shown, it says what and changes nothing.
func change(v *office.Visit) (*office.View, error) {
	for _, p := range edits {
		if p.part == v.Path("part") {
			return p.send(v)
		}
	}
	return nil, &office.Refusal{Status: http.StatusNotFound, CorrelationID: v.Correlation}
}

func (p edit) send(v *office.Visit) (*office.View, error) {
	f, err := read(v, v.List(1))
	if err != nil {
		return nil, err
	}
	sent := &sentPart{Title: p.title, Note: p.note, Form: p.form(f.EService)}
	patch, changed := readOver(v, sent.Form)
	if len(changed) > 0 {
		sent.Changed = changed
		shown := editView(f, sent, p.part)
		shown.Status = http.StatusConflict
		return shown, nil
	}
	if p.once || len(p.fields) == 1 {
		patch = m2m.Members(sent.Form.Fields, func(*office.Field) bool { return false })
	}
	err = v.API(m2m.Product).Send(p.method, pathOf(v)+p.path, patch, nil)
	if refusal, refused := m2m.ShownRefusal(err); refused {
		m2m.RefuseForm(sent.Form, refusal)
		shown := editView(f, sent, p.part)
		shown.Refusal, shown.Status = sent.Form.Refusal, refusal.Status
		return shown, nil
	}
	if err != nil {
		return nil, err
	}
	return v.Redirect("/eservices/"+f.EService.ID, office.T("Salvato.", "Saved.")), nil
}
