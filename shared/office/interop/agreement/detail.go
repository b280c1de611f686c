package agreement

import (
	"net/url"
	"strconv"

	"golang.org/x/sync/errgroup"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
)

// policyAutomatic is the approval policy without a decision of the producer.
const policyAutomatic = "AUTOMATIC"

// detail is what the page of an agreement shows.
type detail struct {
	Agreement agreement
	Allowed   allowed
	Actions   []action

	EService   eservice
	Descriptor descriptor
	Newer      *descriptor // that is published and not the agreement's, nil for none
	InUse      *agreement  // that a request replaces, nil for none

	Consumer, Producer     string // names
	IsConsumer, IsProducer bool   // the caller

	Requirements []requirement
	Purposes     []purpose
	MorePurposes int64
	History      m2m.Part[event]

	Changes []office.Change // since the page that an action was refused on
	Since   []event
	Typed   string // what cannot be sent any more
}

// allowed is what the API allows the caller.
type allowed struct {
	State          string   `json:"state"`
	AllowedActions []string `json:"allowedActions"`
}

// eservice is what the pages show of an e-service.
type eservice struct {
	ID          string `json:"id"`
	ProducerID  string `json:"producerId"`
	Name        string `json:"name"`
	Description string `json:"description"`
}

// descriptor is what the pages show of a descriptor.
type descriptor struct {
	ID              string `json:"id"`
	Version         string `json:"version"`
	State           string `json:"state"`
	ApprovalPolicy  string `json:"agreementApprovalPolicy"`
	VoucherLifespan int64  `json:"voucherLifespan"`
	PerConsumer     int64  `json:"dailyCallsPerConsumer"`
	InTotal         int64  `json:"dailyCallsTotal"`
}

// Automatic reports whether requests need no decision of the producer.
func (d descriptor) Automatic() bool { return d.ApprovalPolicy == policyAutomatic }

// purpose is what the page shows of a purpose.
type purpose struct {
	ID      string          `json:"id"`
	Title   string          `json:"title"`
	Current *purposeVersion `json:"currentVersion"`
	Waiting *purposeVersion `json:"waitingForApprovalVersion"`
	Refused *purposeVersion `json:"rejectedVersion"`
}

// purposeVersion is a version of a purpose.
type purposeVersion struct {
	State      string `json:"state"`
	DailyCalls int64  `json:"dailyCalls"`
}

// Versions returns those that the page shows, with words.
func (p purpose) Versions() []purposeVersion {
	var all []purposeVersion
	for _, version := range []*purposeVersion{p.Current, p.Waiting, p.Refused} {
		if version != nil {
			all = append(all, *version)
		}
	}
	return all
}

// Chip returns the state of the version.
func (version purposeVersion) Chip() office.Chip { return m2m.PurposeChips[version.State] }

// event is a change in the history of an agreement.
type event struct {
	Action string `json:"action"`
	Actor  struct {
		Side           string `json:"side"`
		OrganizationID string `json:"organizationId"`
	} `json:"actor"`
	From   string `json:"from"`
	To     string `json:"to"`
	At     string `json:"timestamp"`
	Reason string `json:"reason"`

	By office.Text // who changed it
}

// Text returns what was done.
func (e event) Text() office.Text {
	if text, known := eventWords[e.Action]; known {
		return text
	}
	return office.Same(e.Action)
}

// Chips returns the state after the change, where that is another one than before.
func (e event) Chips() []office.Chip {
	if e.To == "" || e.To == e.From {
		return nil
	}
	return []office.Chip{stateChip(e.To)}
}

// show shows an agreement.
func show(v *office.Visit) (*office.View, error) {
	p, err := readDetail(v)
	if err != nil {
		return nil, err
	}
	p.Actions = p.actions(v, nil)
	return p.view(), nil
}

func (p *detail) view() *office.View {
	return &office.View{
		Template: "agreement-detail.html", Title: office.Tf("Richiesta per %s", "Agreement for %s", p.EService.Name),
		Crumbs: crumbs, Data: p,
	}
}

// readDetail reads what the page of an agreement shows.
func readDetail(v *office.Visit) (*detail, error) {
	p := &detail{}
	path := listPath + "/" + url.PathEscape(v.Path("agreementId"))
	if err := v.API(m2m.Product).Get(path, nil, &p.Agreement); err != nil {
		return nil, err
	}
	if err := v.API(m2m.Product).Get(path+"/allowedActions", nil, &p.Allowed); err != nil {
		return nil, err
	}
	if p.Allowed.State != p.Agreement.State { // it has changed between the two
		if err := v.API(m2m.Product).Get(path, nil, &p.Agreement); err != nil {
			return nil, err
		}
	}
	p.IsConsumer = p.Agreement.ConsumerID == v.Session.Organization
	p.IsProducer = p.Agreement.ProducerID == v.Session.Organization
	group := errgroup.Group{}
	group.SetLimit(m2m.MaxAtOnce)
	for _, read := range []func(*office.Visit) error{
		p.readEService, p.readDescriptor, p.readNewer, p.readNames, p.readPurposes, p.readHistory, p.readInUse, p.readRequirements,
	} {
		group.Go(func() error { return read(v) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for i, e := range p.History.Rows {
		p.History.Rows[i].By = p.by(e)
	}
	return p, nil
}

func (p *detail) readEService(v *office.Visit) error {
	return v.API(m2m.Product).Get("/eservices/"+url.PathEscape(p.Agreement.EServiceID), nil, &p.EService)
}

func (p *detail) readDescriptor(v *office.Visit) error {
	path := "/eservices/" + url.PathEscape(p.Agreement.EServiceID) + "/descriptors/" + url.PathEscape(p.Agreement.DescriptorID)
	return v.API(m2m.Product).Get(path, nil, &p.Descriptor)
}

// readNewer reads the descriptor that is published, if the agreement is for another one.
func (p *detail) readNewer(v *office.Visit) error {
	published, err := publishedDescriptor(v, p.Agreement.EServiceID)
	if published != nil && published.ID != p.Agreement.DescriptorID {
		p.Newer = published
	}
	return err
}

// publishedDescriptor returns the descriptor that new agreements are made on, nil for none.
func publishedDescriptor(v *office.Visit, eserviceID string) (*descriptor, error) {
	var page struct {
		Results []*descriptor `json:"results"`
	}
	query := url.Values{"state": {"PUBLISHED"}, "offset": {"0"}, "limit": {"1"}}
	err := v.API(m2m.Product).Get("/eservices/"+url.PathEscape(eserviceID)+"/descriptors", query, &page)
	if len(page.Results) == 0 {
		return nil, err
	}
	return page.Results[0], err
}

func (p *detail) readNames(v *office.Visit) error {
	organizations, err := m2m.Names(v, "/tenants", p.Agreement.ConsumerID, p.Agreement.ProducerID)
	p.Consumer, p.Producer = m2m.NameOr(organizations, p.Agreement.ConsumerID), m2m.NameOr(organizations, p.Agreement.ProducerID)
	return err
}

// shownPurposes is how many purposes the page of an agreement lists.
const shownPurposes = 20

func (p *detail) readPurposes(v *office.Visit) error {
	var page struct {
		Results    []purpose  `json:"results"`
		Pagination pagination `json:"pagination"`
	}
	query := url.Values{"offset": {"0"}, "limit": {strconv.Itoa(shownPurposes)}}
	err := v.API(m2m.Product).Get(p.Agreement.Link()+"/purposes", query, &page)
	p.Purposes, p.MorePurposes = page.Results, page.Pagination.TotalCount-int64(len(page.Results))
	return err
}

// readHistory reads the newest changes, or those before the one that the query counts, newest
// first.
func (p *detail) readHistory(v *office.Visit) error {
	return m2m.ReadPart(v.API(m2m.Product), p.Agreement.Link()+"/history", v.Query("before"), &p.History)
}

// readInUse reads the agreement that a request replaces.
func (p *detail) readInUse(v *office.Visit) error {
	if !p.Agreement.IsRequest() {
		return nil
	}
	var page answer
	err := v.API(m2m.Product).Get(listPath, url.Values{
		"eserviceIds": {p.Agreement.EServiceID}, "consumerIds": {p.Agreement.ConsumerID},
		"states": {m2m.AgreementsInUse}, "offset": {"0"}, "limit": {"1"},
	}, &page)
	if len(page.Results) > 0 {
		p.InUse = &page.Results[0]
	}
	return err
}

// by returns who has made a change.
func (p *detail) by(e event) office.Text {
	switch e.Actor.Side {
	case "CONSUMER":
		return office.Tf("%s (fruitore)", "%s (consumer)", p.Consumer)
	case "PRODUCER":
		return office.Tf("%s (erogatore)", "%s (producer)", p.Producer)
	}
	return office.T("la piattaforma", "the platform")
}

// Latest returns when an action was taken last, as far as the newest part of the history says
// so; "" otherwise.
func (p *detail) Latest(action string) string {
	if !p.History.Newest {
		return ""
	}
	for _, e := range p.History.Rows {
		if e.Action == action {
			return e.At
		}
	}
	return ""
}

// Reactivation returns who has to act for the agreement to be active again.
func (p *detail) Reactivation() office.Text {
	a := p.Agreement
	var text office.Text
	switch {
	case a.ByConsumer && a.ByProducer && a.ConsumerID == a.ProducerID:
		text = office.Tf("Deve riattivarla %s.", "%s has to reactivate it.", p.Consumer)
	case a.ByConsumer && a.ByProducer:
		text = office.Tf("Devono riattivarla entrambi: %s e %s.", "Both have to reactivate it: %s and %s.", p.Consumer, p.Producer)
	case a.ByConsumer:
		text = office.Tf("Deve riattivarla il fruitore, %s.", "The consumer, %s, has to reactivate it.", p.Consumer)
	case a.ByProducer:
		text = office.Tf("Deve riattivarla l’erogatore, %s.", "The producer, %s, has to reactivate it.", p.Producer)
	}
	if !a.ByPlatform {
		return text
	}
	platform := office.Tf("Torna attiva quando %s possiede di nuovo gli attributi richiesti.",
		"It is active again once %s owns the required attributes again.", p.Consumer)
	if text.IT == "" {
		return platform
	}
	return and(text, platform)
}

// heldByOthers returns who still has to act once the caller's suspension has ended, "" for
// nobody.
func (p *detail) heldByOthers() office.Text {
	rest := *p
	rest.Agreement.ByConsumer = p.Agreement.ByConsumer && !p.IsConsumer
	rest.Agreement.ByProducer = p.Agreement.ByProducer && !p.IsProducer
	return rest.Reactivation()
}

// Lifespan says how long a voucher is valid.
func (d descriptor) Lifespan() office.Text {
	const minute = 60
	if n := d.VoucherLifespan / minute; d.VoucherLifespan%minute == 0 && n != 1 {
		return office.Tf("%d minuti", "%d minutes", n)
	}
	return office.Tf("%d secondi", "%d seconds", d.VoucherLifespan)
}
