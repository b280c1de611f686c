package agreement

import (
	"net/http"
	"net/url"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
)

// draft is what the page of a new agreement shows.
type draft struct {
	EService     eservice
	Descriptor   *descriptor // nil when none is published
	Producer     string
	Requirements []requirement
	Existing     []agreement // of the caller for the e-service, which are not over
	Form         *office.Form
}

// startDraft shows what an agreement for the e-service of the query will be.
func startDraft(v *office.Visit) (*office.View, error) {
	return draftView(v, v.Query("eserviceId"), v.Query("descriptorId"), nil)
}

// create makes the draft of an agreement.
func create(v *office.Visit) (*office.View, error) {
	eserviceID, descriptorID := v.Value("eserviceId"), v.Value("descriptorId")
	var made agreement
	body := map[string]string{"eserviceId": eserviceID, "descriptorId": descriptorID}
	err := v.API(m2m.Product).Send(http.MethodPost, listPath, body, &made)
	refusal, refused := m2m.ShownRefusal(err)
	if refused && refusal.Status < http.StatusInternalServerError {
		return draftView(v, eserviceID, descriptorID, refusal)
	}
	if err != nil {
		return nil, err
	}
	return v.Redirect(made.Link(), office.T("Bozza creata. L’erogatore la riceve quando la invii.",
		"The draft was made. The producer receives it once you send it.")), nil
}

// draftView returns the page of a new agreement for a descriptor; without one, for the one
// that is published.
func draftView(v *office.Visit, eserviceID, descriptorID string, refusal *office.Refusal) (*office.View, error) {
	if eserviceID == "" {
		return v.Redirect("/eservices", office.T("Scegli l’e-service che vuoi usare.", "Choose the e-service that you want to use.")), nil
	}
	d := &draft{}
	if err := v.API(m2m.Product).Get("/eservices/"+url.PathEscape(eserviceID), nil, &d.EService); err != nil {
		return nil, err
	}
	var err error
	if descriptorID == "" {
		d.Descriptor, err = publishedDescriptor(v, eserviceID)
	} else {
		d.Descriptor = &descriptor{}
		err = v.API(m2m.Product).Get("/eservices/"+url.PathEscape(eserviceID)+"/descriptors/"+url.PathEscape(descriptorID), nil, d.Descriptor)
	}
	if err != nil {
		return nil, err
	}
	if err := d.read(v); err != nil {
		return nil, err
	}
	view := &office.View{
		Template: "agreement-new.html", Title: office.Tf("Chiedi di usare %s", "Ask to use %s", d.EService.Name), Crumbs: crumbs, Data: d,
	}
	if refusal != nil {
		view.Status, view.Refusal = refusal.Status, refusal
	}
	return view, nil
}

// read reads the names, the attributes and the agreements that the page shows.
func (d *draft) read(v *office.Visit) error {
	own := v.Session.Organization
	organizations, err := m2m.Names(v, "/tenants", d.EService.ProducerID)
	if err != nil {
		return err
	}
	d.Producer = m2m.NameOr(organizations, d.EService.ProducerID)
	var existing answer
	err = v.API(m2m.Product).Get(listPath, url.Values{
		"eserviceIds": {d.EService.ID}, "consumerIds": {own}, "offset": {"0"}, "limit": {"10"},
		"states": {m2m.AgreementsNotOver},
	}, &existing)
	if err != nil {
		return err
	}
	d.Existing = existing.Results
	if d.Descriptor == nil {
		return nil
	}
	if own != d.EService.ProducerID {
		if d.Requirements, err = requirements(v, d.EService.ID, d.Descriptor.ID, own, d.EService.ProducerID); err != nil {
			return err
		}
	}
	d.Form = &office.Form{
		Action: listPath + "/new", Submit: office.T("Crea la bozza", "Make the draft"),
		Cancel: "/eservices/" + url.PathEscape(d.EService.ID),
		Fields: []*office.Field{
			{Name: "eserviceId", Kind: "hidden", Value: d.EService.ID},
			{Name: "descriptorId", Kind: "hidden", Value: d.Descriptor.ID},
		},
	}
	return nil
}

// Will says what happens after the draft.
func (d *draft) Will() office.Text {
	if d.Descriptor.Automatic() {
		return office.Tf(
			"Ora nasce una bozza, che vedi solo tu. Quando la invii, %s la accetta in automatico se possiedi gli attributi richiesti.",
			"A draft is made now, which only you see. Once you send it, %s accepts it automatically if you own the required attributes.", d.Producer)
	}
	return office.Tf("Ora nasce una bozza, che vedi solo tu. Quando la invii, %s decide se approvarla.",
		"A draft is made now, which only you see. Once you send it, %s decides whether to approve it.", d.Producer)
}
