package eservice

import (
	"net/http"
	"net/url"
	"slices"

	"golang.org/x/sync/errgroup"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
)

// descriptorAction is what a page offers for an action that the API allows on a descriptor.
type descriptorAction struct {
	name   string // as the API calls it
	button office.Text
	page   string // below the descriptor's, where it is done; "" for a question on the page itself
	method string // of the API; the path is the descriptor's, with the name for POST
	done   office.Text
	danger bool
}

// descriptorActions are the actions that people take, in the order of the page. An action of
// the API without an entry is not offered.
var descriptorActions = []descriptorAction{
	{
		name: "publish", button: office.T("Pubblica", "Publish"), method: http.MethodPost,
		done: office.T("La versione è pubblicata.", "The version is published."),
	},
	{
		name: "unsuspend", button: office.T("Riattiva", "Reactivate"), method: http.MethodPost,
		done: office.T("La versione è di nuovo in uso.", "The version is in use again."),
	},
	{name: "update", button: office.T("Modifica la bozza", "Edit the draft"), page: "edit"},
	{name: "updateQuotas", button: office.T("Aggiorna le soglie", "Update the thresholds"), page: "quotas"},
	{
		name: "suspend", button: office.T("Sospendi", "Suspend"), method: http.MethodPost, danger: true,
		done: office.T("La versione è sospesa: nessun voucher per chi la usa.", "The version is suspended: no vouchers for those who use it."),
	},
	{
		name: "delete", button: office.T("Cancella la bozza", "Delete the draft"), method: http.MethodDelete, danger: true,
		done: office.T("La bozza è stata cancellata.", "The draft was deleted."),
	},
}

// requirementActions are the actions on the required attributes, which have a page of their own.
var requirementActions = []string{"requireGroup", "requireAttribute", "removeRequirement", "updateAttributeQuota"}

// descriptorFacts is what the pages on one descriptor read.
type descriptorFacts struct {
	*facts
	Descriptor *descriptor
	May        map[string]bool // actions on the descriptor
	Required   []*requiredKind
	Older      []olderDescriptor // that a publication supersedes
}

// olderDescriptor is a descriptor that a publication supersedes.
type olderDescriptor struct {
	*descriptor
	InUse int64 // agreements that are active or suspended
}

// offer is a button of the page, or a link to the page that does it.
type offer struct {
	Button, Question, Words string
	Page, Action            string // a link, or where the form leads to
	Danger                  bool
}

// readDescriptor reads what the pages on one descriptor show.
func readDescriptor(v *office.Visit, l *office.List) (*descriptorFacts, error) {
	f := &descriptorFacts{Descriptor: &descriptor{}}
	path := descriptorPath(v)
	if err := v.API(m2m.Product).Get(path, nil, f.Descriptor); err != nil {
		return nil, err
	}
	group := errgroup.Group{}
	group.Go(func() (err error) {
		f.facts, err = read(v, l)
		return err
	})
	group.Go(func() (err error) {
		f.May, err = actionsOn(v, path)
		return err
	})
	group.Go(func() (err error) {
		f.Required, err = readRequired(v, path)
		return err
	})
	if err := group.Wait(); err != nil {
		return nil, err
	}
	if !f.May["publish"] {
		return f, nil
	}
	err := f.readOlder(v)
	return f, err
}

// readOlder reads how much the descriptors are used that a publication supersedes.
func (f *descriptorFacts) readOlder(v *office.Visit) error {
	for _, d := range f.Descriptors {
		if d.State == "PUBLISHED" || d.State == "SUSPENDED" {
			f.Older = append(f.Older, olderDescriptor{descriptor: d})
		}
	}
	group := errgroup.Group{}
	group.SetLimit(m2m.MaxAtOnce)
	for i, d := range f.Older {
		group.Go(func() error {
			var found m2m.Page[struct{}]
			err := v.API(m2m.Product).Get("/agreements", url.Values{
				"descriptorIds": {d.ID}, "producerIds": {f.EService.ProducerID}, "states": {m2m.AgreementsInUse}, "offset": {"0"}, "limit": {"1"},
			}, &found)
			f.Older[i].InUse = found.Pagination.Total
			return err
		})
	}
	return group.Wait()
}

// showDescriptor shows a version of an e-service.
func showDescriptor(v *office.Visit) (*office.View, error) { return descriptorView(v, nil) }

// descriptorView is the page of a descriptor, with the refusal of an action on it.
func descriptorView(v *office.Visit, refusal *office.Refusal) (*office.View, error) {
	f, err := readDescriptor(v, v.List(m2m.MaxPage))
	if err != nil {
		return nil, err
	}
	shown := &office.View{
		Template: "descriptor-show.html", Title: versionText(f.Descriptor), Crumbs: crumbs(f.EService),
	}
	remedy := ""
	if refusal != nil {
		shown.Refusal, shown.Status = refusal, refusal.Status
		remedy = remedies[refusal.Code]
	}
	shown.Data = map[string]any{"Facts": f, "Offers": f.offers(v), "Remedy": remedy, "Loads": f.against(quotasForm.form(f))}
	return shown, nil
}

// remedies are the pages, below the e-service's or the descriptor's, where what a publication
// lacks is added, by the code of the refusal.
var remedies = map[string]string{
	"001-0043": "eservice", "001-0023": "descriptor", "001-9901": "descriptor", "001-9902": "descriptor",
}

// offers returns the buttons and links for what the API allows.
func (f *descriptorFacts) offers(v *office.Visit) []offer {
	var all []offer
	path := "/eservices/" + f.EService.ID + "/descriptors/" + f.Descriptor.ID
	for _, a := range descriptorActions {
		if !f.May[a.name] {
			continue
		}
		o := offer{Button: v.Tr(a.button), Danger: a.danger}
		if a.page != "" {
			o.Page = v.Link(path + "/" + a.page)
		} else {
			question, words := f.ask(a.name)
			o.Action, o.Question, o.Words = v.Link(path+"/"+a.name), v.Tr(question), v.Tr(words)
		}
		all = append(all, o)
	}
	if slices.ContainsFunc(requirementActions, func(name string) bool { return f.May[name] }) {
		all = append(all, offer{
			Button: v.Tr(office.T("Modifica gli attributi richiesti", "Edit the required attributes")), Page: v.Link(path + "/attributes"),
		})
	}
	return all
}

// ask returns the question before an action, and what will happen.
func (f *descriptorFacts) ask(action string) (question, words office.Text) {
	version := f.Descriptor.Version
	about := func(it, en string) office.Text { return office.Tf(it, en, version) }
	switch action {
	case "publish":
		return about("Pubblicare la versione %s?", "Publish version %s?"), f.afterPublication()
	case "suspend":
		minutes := (f.Descriptor.VoucherLifespan + 59) / 60
		return about("Sospendere la versione %s?", "Suspend version %s?"), office.Tf(
			"Finché è sospesa nessun fruitore ottiene voucher per questa versione e non si possono fare nuove richieste di fruizione. "+
				"I voucher già rilasciati valgono fino alla loro scadenza, al massimo %d minuti. "+
				"Richieste e finalità restano come sono; puoi riattivare la versione quando vuoi.",
			"While it is suspended, no consumer gets vouchers for this version, and no new agreements can be made. "+
				"Vouchers that were issued are valid until they expire, at most %d minutes. "+
				"Agreements and purposes stay as they are; you can reactivate the version at any time.", minutes)
	case "unsuspend":
		return about("Riattivare la versione %s?", "Reactivate version %s?"), office.T(
			"I fruitori con richiesta e finalità attive ottengono di nuovo i voucher. "+
				"La versione torna Attiva, o Deprecata se nel frattempo ne è stata pubblicata una più nuova.",
			"Consumers with an active agreement and purpose get vouchers again. "+
				"The version becomes Active, or Deprecated where a newer one has been published.")
	}
	return about("Cancellare la bozza della versione %s?", "Delete the draft of version %s?"), office.T(
		"La bozza e i suoi attributi richiesti vengono cancellati e non si possono recuperare.",
		"The draft and its required attributes are deleted and cannot be recovered.")
}

// afterPublication says what a publication changes, for each older version.
func (f *descriptorFacts) afterPublication() office.Text {
	words := office.T("Le nuove richieste di fruizione saranno per questa versione. Non si può tornare alla bozza: "+
		"audience, politica di approvazione e attributi richiesti non si potranno più togliere.",
		"New agreements will be for this version. It cannot become a draft again: "+
			"audience, approval policy and required attributes cannot be taken away any more.")
	for _, d := range f.Older {
		var more office.Text
		switch {
		case d.InUse == 0:
			more = office.Tf("La versione %s non è in uso: diventa Archiviata, per sempre.",
				"Version %s is not in use: it becomes Archived, for good.", d.Version)
		case d.State == "SUSPENDED":
			more = office.Tf("La versione %s resta Sospesa; richieste di fruizione che la usano: %d.",
				"Version %s stays Suspended; agreements that use it: %d.", d.Version, d.InUse)
		default:
			more = office.Tf("La versione %s diventa Deprecata e chi la usa continua (richieste di fruizione in uso: %d).",
				"Version %s becomes Deprecated, and those who use it continue (agreements in use: %d).", d.Version, d.InUse)
		}
		words = office.T(words.IT+" "+more.IT, words.EN+" "+more.EN)
	}
	return words
}

// actOnDescriptor takes an action of a question.
func actOnDescriptor(v *office.Visit) (*office.View, error) {
	i := slices.IndexFunc(descriptorActions, func(a descriptorAction) bool { return a.name == v.Path("action") && a.page == "" })
	if i < 0 {
		return nil, &office.Refusal{Status: http.StatusNotFound, CorrelationID: v.Correlation}
	}
	action, path := descriptorActions[i], descriptorPath(v)
	if action.method == http.MethodPost {
		path += "/" + action.name
	}
	err := v.API(m2m.Product).Send(action.method, path, nil, nil)
	if refusal, refused := m2m.ShownRefusal(err); refused && refusal.Status != http.StatusNotFound {
		return descriptorView(v, refusal)
	}
	if err != nil {
		return nil, err
	}
	to := descriptorPath(v)
	if action.method == http.MethodDelete {
		to = pathOf(v)
	}
	return v.Redirect(to, action.done), nil
}
