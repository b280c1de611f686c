package interop

import (
	"errors"
	"net/http"
	"net/url"

	"ciclo/shared/office"
)

// purposeNew is the page for a new purpose: first the e-service, then everything else.
type purposeNew struct {
	*purposeNames

	EServiceID string          // "" while there is none
	Choose     *office.Form    // of the e-service
	More       bool            // whether there are more agreements than are shown
	Offer      *purposeOffer   // nil while there is no active agreement for the e-service
	Form       *office.Form    // nil without an offer
	Bars       []office.Bar    // before anything is asked for
	Verdict    *purposeVerdict // on the calls that were typed, nil before
}

// newPurpose shows the e-services with an active agreement of the caller, and the form for one.
func newPurpose(v *office.Visit) (*office.View, error) {
	page, err := readPurposeNew(v, v.Query(purposeEServiceField), v.Query("like"))
	if err != nil {
		return nil, err
	}
	return page.view(0), nil
}

// readPurposeNew returns the page for an e-service, "" for none. The form is like a purpose
// of the caller, "" for none.
func readPurposeNew(v *office.Visit, eserviceID, like string) (*purposeNew, error) {
	page := &purposeNew{purposeNames: newPurposeNames(v), EServiceID: eserviceID}
	if eserviceID == "" {
		return page, page.choose(v)
	}
	var err error
	if page.Offer, err = readPurposeOffer(v, eserviceID); err != nil {
		return nil, err
	}
	if err := page.look(v, []string{eserviceID}, nil); err != nil {
		return nil, err
	}
	if page.Offer == nil {
		return page, nil
	}
	var p purpose
	if like != "" {
		if err := purposeOptional(v.API(product).Get(purposePath(like), nil, &p)); err != nil {
			return nil, err
		}
	}
	if page.Offer.Load != nil {
		page.Bars = page.Offer.Load.bars(v.Session.OrganizationName, 0)
	}
	page.Form = &office.Form{
		Action: "/purposes/new", Submit: office.T("Salva in bozza", "Save as a draft"), Cancel: "/purposes",
		Fields: append(purposeFields(&p, false), &office.Field{Name: purposeEServiceField, Kind: "hidden", Value: eserviceID}),
	}
	return page, nil
}

// choose reads the e-services to choose from.
func (p *purposeNew) choose(v *office.Visit) error {
	all, total, err := readPurposeOffers(v, "")
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
			{Name: purposeEServiceField, Kind: "select", Required: true, Label: office.Same("E-service"), Options: purposeChoices(p.purposeNames,
				ids...)},
		}}
	}
	return nil
}

func (p *purposeNew) view(status int) *office.View {
	shown := &office.View{
		Template: "purpose-new.html", Title: office.T("Nuova finalità", "New purpose"), Crumbs: purposeCrumbs(), Data: p, Status: status,
	}
	if p.Form != nil && p.Form.Refusal != nil {
		shown.Refusal, shown.Status = p.Form.Refusal, p.Form.Refusal.Status
	}
	return shown
}

// createPurpose checks a new purpose against the thresholds, or creates it as a draft.
func createPurpose(v *office.Visit) (*office.View, error) {
	page, err := readPurposeNew(v, v.Value(purposeEServiceField), "")
	if err != nil {
		return nil, err
	}
	if page.Form == nil {
		return page.view(http.StatusConflict), nil
	}
	page.Form.Read(v)
	if v.Value("_do") == "check" {
		status := 0
		if calls, ok := purposeCalls(v, page.Form.Field(purposeCallsField)); !ok {
			status = http.StatusBadRequest
		} else if load := page.Offer.Load; load != nil {
			page.Verdict = load.verdict(v.Session.OrganizationName, calls, 0, 0)
		}
		return page.view(status), nil
	}
	body, ok := purposeBody(v, page.Form)
	if !ok {
		return page.view(http.StatusBadRequest), nil
	}
	body[purposeEServiceField] = page.EServiceID
	var created purpose
	err = v.API(product).Send(http.MethodPost, "/purposes", body, &created)
	if refusal, refused := errors.AsType[*office.Refusal](err); refused {
		page.Form.Refuse(refusal)
		return page.view(0), nil
	} else if err != nil {
		return nil, err
	}
	return v.Redirect("/purposes/"+created.ID, office.T("Bozza salvata. Quando è pronta, inviala.",
		"The draft is saved. Submit it when it is ready.")), nil
}

// purposeEdit is the page on which a draft is edited.
type purposeEdit struct {
	Purpose purpose
	Form    *office.Form
	Clash   *purposeClash
}

// purposeDraftSeen is what the page of a draft has shown.
type purposeDraftSeen struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	Calls       int64  `json:"dailyCalls"`
	Free        bool   `json:"isFreeOfCharge"`
	Reason      string `json:"freeOfChargeReason,omitempty"`
	State       string `json:"state"`
}

// editPurpose shows a draft to edit.
func editPurpose(v *office.Visit) (*office.View, error) {
	page, err := readPurposeEdit(v)
	if err != nil {
		return nil, err
	}
	return page.view(0), nil
}

func readPurposeEdit(v *office.Visit) (*purposeEdit, error) {
	page := &purposeEdit{}
	if err := v.API(product).Get(purposePath(v.Path("purposeId")), nil, &page.Purpose); err != nil {
		return nil, err
	}
	path := "/purposes/" + page.Purpose.ID
	seen := purposeHidden(page.seen())
	page.Form = &office.Form{
		Action: path + "/edit", Submit: office.T("Salva", "Save"), Cancel: path, Fields: append(purposeFields(&page.Purpose, true), seen),
	}
	return page, nil
}

func (p *purposeEdit) seen() purposeDraftSeen {
	of := &p.Purpose
	seen := purposeDraftSeen{
		Title: of.Title, Description: of.Description, Calls: of.Calls(), Free: of.FreeOfCharge, Reason: of.FreeOfChargeReason,
	}
	if of.Current != nil {
		seen.State = of.Current.State
	}
	return seen
}

func (p *purposeEdit) view(status int) *office.View {
	shown := &office.View{
		Template: "purpose-edit.html", Title: office.T("Modifica la bozza",
			"Edit the draft"), Crumbs: purposeCrumbs(&p.Purpose), Data: p, Status: status,
	}
	if p.Form.Refusal != nil {
		shown.Refusal, shown.Status = p.Form.Refusal, p.Form.Refusal.Status
	}
	return shown
}

// updatePurpose changes a draft.
func updatePurpose(v *office.Visit) (*office.View, error) {
	page, err := readPurposeEdit(v)
	if err != nil {
		return nil, err
	}
	now := page.seen()
	page.Form.Read(v)
	var before purposeDraftSeen
	if purposeShown(v, &before) {
		page.Clash = purposeChanges(v, before, now)
	}
	page.Form.Field(purposeSeenField).Value = purposeHidden(now).Value
	if page.Clash != nil {
		return page.view(http.StatusConflict), nil
	}
	body, ok := purposeBody(v, page.Form)
	if !ok {
		return page.view(http.StatusBadRequest), nil
	}
	if _, given := body["freeOfChargeReason"]; !given {
		body["freeOfChargeReason"] = nil
	}
	err = v.API(product).Send(http.MethodPatch, purposePath(page.Purpose.ID), body, nil)
	if refusal, refused := errors.AsType[*office.Refusal](err); refused {
		page.Form.Refuse(refusal)
		return page.view(0), nil
	} else if err != nil {
		return nil, err
	}
	return v.Redirect("/purposes/"+page.Purpose.ID, office.T("Bozza salvata.", "The draft is saved.")), nil
}

// purposeClone is the page on which the e-service of a copy is chosen.
type purposeClone struct {
	Purpose purpose
	Form    *office.Form
}

// askPurposeClone shows the e-services that a purpose can be cloned for.
func askPurposeClone(v *office.Visit) (*office.View, error) {
	page, err := readPurposeClone(v)
	if err != nil {
		return nil, err
	}
	return page.view(), nil
}

func readPurposeClone(v *office.Visit) (*purposeClone, error) {
	page := &purposeClone{}
	if err := v.API(product).Get(purposePath(v.Path("purposeId")), nil, &page.Purpose); err != nil {
		return nil, err
	}
	all, _, err := readPurposeOffers(v, "")
	if err != nil {
		return nil, err
	}
	ids := []string{page.Purpose.EServiceID}
	for _, a := range all {
		ids = append(ids, a.EServiceID)
	}
	names := newPurposeNames(v)
	if err := names.look(v, ids, nil); err != nil {
		return nil, err
	}
	path := "/purposes/" + page.Purpose.ID
	page.Form = &office.Form{Action: path + "/clone", Submit: office.T("Crea la copia in bozza",
		"Create the copy as a draft"), Cancel: path, Fields: []*office.Field{{
		Name: purposeEServiceField, Kind: "select", Required: true, Label: office.T("Per quale e-service", "For which e-service"),
		Options: purposeChoices(names, ids...), Value: page.Purpose.EServiceID,
		Help: office.T("Quelli per cui hai una richiesta di fruizione attiva, e quello di questa finalità.",
			"Those that you have an active agreement for, and the one of this purpose."),
	}}}
	return page, nil
}

func (p *purposeClone) view() *office.View {
	shown := &office.View{
		Template: "purpose-clone.html", Title: office.T("Clona la finalità", "Clone the purpose"), Crumbs: purposeCrumbs(&p.Purpose), Data: p,
	}
	if p.Form.Refusal != nil {
		shown.Refusal, shown.Status = p.Form.Refusal, p.Form.Refusal.Status
	}
	return shown
}

// clonePurpose makes a draft like a purpose.
func clonePurpose(v *office.Visit) (*office.View, error) {
	page, err := readPurposeClone(v)
	if err != nil {
		return nil, err
	}
	page.Form.Read(v)
	body := map[string]string{purposeEServiceField: page.Form.Field(purposeEServiceField).Value}
	var created purpose
	err = v.API(product).Send(http.MethodPost, purposePath(page.Purpose.ID, "clone"), body, &created)
	if refusal, refused := errors.AsType[*office.Refusal](err); refused {
		page.Form.Refuse(refusal)
		return page.view(), nil
	} else if err != nil {
		return nil, err
	}
	return v.Redirect("/purposes/"+url.PathEscape(created.ID), office.T("Copia creata in bozza: cambiale il titolo e inviala.",
		"The copy is a draft: change its title and submit it.")), nil
}
