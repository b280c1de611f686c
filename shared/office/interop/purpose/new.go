package purpose

import (
	"net/http"
	"net/url"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
)

// creation is the page for a new purpose: first the e-service, then everything else.
type creation struct {
	*names

	EServiceID string       // "" while there is none
	Choose     *office.Form // of the e-service
	More       bool         // whether there are more agreements than are shown
	Offer      *offer       // nil while there is no active agreement for the e-service
	Form       *office.Form // nil without an offer
	Bars       []office.Bar // before anything is asked for
	Verdict    *verdict     // on the calls that were typed, nil before
}

// showNew shows the e-services with an active agreement of the caller, and the form for one.
func showNew(v *office.Visit) (*office.View, error) {
	page, err := readCreation(v, v.Query(eserviceField), v.Query("like"))
	if err != nil {
		return nil, err
	}
	return page.view(0), nil
}

// readCreation returns the page for an e-service, "" for none. The form is like a purpose
// of the caller, "" for none.
func readCreation(v *office.Visit, eserviceID, like string) (*creation, error) {
	page := &creation{names: newNames(v), EServiceID: eserviceID}
	if eserviceID == "" {
		err := page.choose(v)
		return page, err
	}
	var err error
	if page.Offer, err = readOffer(v, eserviceID); err != nil {
		return nil, err
	}
	if err := page.look(v, []string{eserviceID}, nil); err != nil {
		return nil, err
	}
	if page.Offer == nil {
		return page, nil
	}
	var p m2m.Purpose
	if like != "" {
		if err := optional(v.API(m2m.Product).Get(apiPath(like), nil, &p)); err != nil {
			return nil, err
		}
	}
	if page.Offer.Load != nil {
		page.Bars = page.Offer.Load.bars(v.Session.OrganizationName, 0)
	}
	page.Form = &office.Form{
		Action: "/purposes/new", Submit: office.T("Salva in bozza", "Save as a draft"), Cancel: "/purposes",
		Fields: append(fieldsOf(&p, false), &office.Field{Name: eserviceField, Kind: "hidden", Value: eserviceID}),
	}
	return page, nil
}

// choose reads the e-services to choose from.
func (p *creation) choose(v *office.Visit) error {
	all, total, err := readOffers(v, "")
	if err != nil {
		return err
	}
	p.More = total > int64(len(all))
	ids := make([]string, len(all))
	for i, a := range all {
		ids[i] = a.EServiceID
	}
	if err := p.look(v, ids, nil); err != nil {
		return err
	}
	if len(ids) > 0 {
		p.Choose = &office.Form{Action: "/purposes/new", Submit: office.T("Continua", "Continue"), Fields: []*office.Field{
			{Name: eserviceField, Kind: "select", Required: true, Label: office.Same("E-service"), Options: choices(p.names,
				ids...)},
		}}
	}
	return nil
}

func (p *creation) view(status int) *office.View {
	shown := &office.View{
		Template: "purpose-new.html", Title: office.T("Nuova finalità", "New purpose"), Crumbs: crumbs(), Data: p, Status: status,
	}
	if p.Form != nil && p.Form.Refusal != nil {
		shown.Refusal, shown.Status = p.Form.Refusal, p.Form.Refusal.Status
	}
	return shown
}

// create checks a new purpose against the thresholds, or creates it as a draft.
func create(v *office.Visit) (*office.View, error) {
	page, err := readCreation(v, v.Value(eserviceField), "")
	if err != nil {
		return nil, err
	}
	if page.Form == nil {
		return page.view(http.StatusConflict), nil
	}
	page.Form.Read(v)
	if v.Value("_do") == "check" {
		status := 0
		if calls, ok := callsOf(v, page.Form.Field(callsField)); !ok {
			status = http.StatusBadRequest
		} else if load := page.Offer.Load; load != nil {
			page.Verdict = load.verdict(v.Session.OrganizationName, calls, 0, 0)
		}
		return page.view(status), nil
	}
	body, ok := bodyOf(v, page.Form)
	if !ok {
		return page.view(http.StatusBadRequest), nil
	}
	body[eserviceField] = page.EServiceID
	var created m2m.Purpose
	err = v.API(m2m.Product).Send(http.MethodPost, "/purposes", body, &created)
	if refusal, refused := m2m.ShownRefusal(err); refused {
		page.Form.Refuse(refusal)
		return page.view(0), nil
	} else if err != nil {
		return nil, err
	}
	return v.Redirect("/purposes/"+created.ID, office.T("Bozza salvata. Quando è pronta, inviala.",
		"The draft is saved. Submit it when it is ready.")), nil
}

// edit is the page on which a draft is edited.
type edit struct {
	Purpose m2m.Purpose
	Form    *office.Form
	Clash   *clash
}

// draftSeen is what the page of a draft has shown.
type draftSeen struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	Calls       int64  `json:"dailyCalls"`
	Free        bool   `json:"isFreeOfCharge"`
	Reason      string `json:"freeOfChargeReason,omitempty"`
	State       string `json:"state"`
}

// showEdit shows a draft to edit.
func showEdit(v *office.Visit) (*office.View, error) {
	page, err := readEdit(v)
	if err != nil {
		return nil, err
	}
	return page.view(0), nil
}

func readEdit(v *office.Visit) (*edit, error) {
	page := &edit{}
	if err := v.API(m2m.Product).Get(apiPath(v.Path("purposeId")), nil, &page.Purpose); err != nil {
		return nil, err
	}
	path := "/purposes/" + page.Purpose.ID
	seen := hiddenField(page.seen())
	page.Form = &office.Form{
		Action: path + "/edit", Submit: office.T("Salva", "Save"), Cancel: path, Fields: append(fieldsOf(&page.Purpose, true), seen),
	}
	return page, nil
}

func (p *edit) seen() draftSeen {
	of := &p.Purpose
	seen := draftSeen{
		Title: of.Title, Description: of.Description, Calls: of.Calls(), Free: of.FreeOfCharge, Reason: of.FreeOfChargeReason,
	}
	if of.Current != nil {
		seen.State = of.Current.State
	}
	return seen
}

func (p *edit) view(status int) *office.View {
	shown := &office.View{
		Template: "purpose-edit.html", Title: office.T("Modifica la bozza",
			"Edit the draft"), Crumbs: crumbs(&p.Purpose), Data: p, Status: status,
	}
	if p.Form.Refusal != nil {
		shown.Refusal, shown.Status = p.Form.Refusal, p.Form.Refusal.Status
	}
	return shown
}

// update changes a draft.
func update(v *office.Visit) (*office.View, error) {
	page, err := readEdit(v)
	if err != nil {
		return nil, err
	}
	now := page.seen()
	page.Form.Read(v)
	var before draftSeen
	if readSeen(v, &before) {
		page.Clash = changesOf(v, before, now)
	}
	page.Form.Field(seenField).Value = hiddenField(now).Value
	if page.Clash != nil {
		return page.view(http.StatusConflict), nil
	}
	body, ok := bodyOf(v, page.Form)
	if !ok {
		return page.view(http.StatusBadRequest), nil
	}
	if _, given := body["freeOfChargeReason"]; !given {
		body["freeOfChargeReason"] = nil
	}
	err = v.API(m2m.Product).Send(http.MethodPatch, apiPath(page.Purpose.ID), body, nil)
	if refusal, refused := m2m.ShownRefusal(err); refused {
		page.Form.Refuse(refusal)
		return page.view(0), nil
	} else if err != nil {
		return nil, err
	}
	return v.Redirect("/purposes/"+page.Purpose.ID, office.T("Bozza salvata.", "The draft is saved.")), nil
}

// clone is the page on which the e-service of a copy is chosen.
type clone struct {
	Purpose m2m.Purpose
	Form    *office.Form
}

// askClone shows the e-services that a purpose can be cloned for.
func askClone(v *office.Visit) (*office.View, error) {
	page, err := readClone(v)
	if err != nil {
		return nil, err
	}
	return page.view(), nil
}

func readClone(v *office.Visit) (*clone, error) {
	page := &clone{}
	if err := v.API(m2m.Product).Get(apiPath(v.Path("purposeId")), nil, &page.Purpose); err != nil {
		return nil, err
	}
	all, _, err := readOffers(v, "")
	if err != nil {
		return nil, err
	}
	ids := []string{page.Purpose.EServiceID}
	for _, a := range all {
		ids = append(ids, a.EServiceID)
	}
	names := newNames(v)
	if err := names.look(v, ids, nil); err != nil {
		return nil, err
	}
	path := "/purposes/" + page.Purpose.ID
	page.Form = &office.Form{Action: path + "/clone", Submit: office.T("Crea la copia in bozza",
		"Create the copy as a draft"), Cancel: path, Fields: []*office.Field{{
		Name: eserviceField, Kind: "select", Required: true, Label: office.T("Per quale e-service", "For which e-service"),
		Options: choices(names, ids...), Value: page.Purpose.EServiceID,
		Help: office.T("Quelli per cui hai una richiesta di fruizione attiva, e quello di questa finalità.",
			"Those that you have an active agreement for, and the one of this purpose."),
	}}}
	return page, nil
}

func (p *clone) view() *office.View {
	shown := &office.View{
		Template: "purpose-clone.html", Title: office.T("Clona la finalità", "Clone the purpose"), Crumbs: crumbs(&p.Purpose), Data: p,
	}
	if p.Form.Refusal != nil {
		shown.Refusal, shown.Status = p.Form.Refusal, p.Form.Refusal.Status
	}
	return shown
}

// sendClone makes a draft like a purpose.
func sendClone(v *office.Visit) (*office.View, error) {
	page, err := readClone(v)
	if err != nil {
		return nil, err
	}
	page.Form.Read(v)
	body := map[string]string{eserviceField: page.Form.Field(eserviceField).Value}
	var created m2m.Purpose
	err = v.API(m2m.Product).Send(http.MethodPost, apiPath(page.Purpose.ID, "clone"), body, &created)
	if refusal, refused := m2m.ShownRefusal(err); refused {
		page.Form.Refuse(refusal)
		return page.view(), nil
	} else if err != nil {
		return nil, err
	}
	return v.Redirect("/purposes/"+url.PathEscape(created.ID), office.T("Copia creata in bozza: cambiale il titolo e inviala.",
		"The copy is a draft: change its title and submit it.")), nil
}
