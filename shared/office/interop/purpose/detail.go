package purpose

import (
	"slices"

	"golang.org/x/sync/errgroup"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
)

// agreement is what the pages on purposes show of an agreement (PDND, Agreement).
type agreement struct {
	ID         string `json:"id"`
	EServiceID string `json:"eserviceId"`
	ProducerID string `json:"producerId"`
	State      string `json:"state"`
}

// event is a change of a version.
type event struct {
	Action string `json:"action"`
	Actor  struct {
		Side           string `json:"side"`
		OrganizationID string `json:"organizationId"`
	} `json:"actor"`
	DailyCalls int64  `json:"dailyCalls"`
	To         string `json:"to"`
	At         string `json:"timestamp"`
	Reason     string `json:"reason"`
}

// sight is a purpose with what the API says about it to the caller.
type sight struct {
	*names

	Purpose    m2m.Purpose
	State      string   // of the purpose as a whole
	Allowed    []string // the actions that are the caller's
	AsConsumer bool
	AsProducer bool
	Agreement  *agreement // nil when none is in use
	Load       *load      // nil without an agreement in use
}

// detail is the page of a purpose.
type detail struct {
	*sight

	Versions m2m.Part[m2m.PurposeVersion]
	History  m2m.Part[event]
	Banners  []banner
	Bars     []office.Bar
	Actions  []button
	Clash    *clash // what changed while a form was open, nil for nothing
	Clients  bool   // whether the clients that are linked can be shown
}

// Chip returns the state of the purpose.
func (s *sight) Chip() office.Chip { return m2m.PurposeChips[s.State] }

// ProducerID returns the organization that offers the e-service, "" when it is not known.
func (s *sight) ProducerID() string {
	if s.Agreement != nil {
		return s.Agreement.ProducerID
	}
	return s.eservices[s.Purpose.EServiceID].ProducerID
}

// Consumer returns the name of the consumer.
func (s *sight) Consumer() string { return s.Tenant(s.Purpose.ConsumerID) }

// May reports whether an action is the caller's.
func (s *sight) May(action string) bool { return slices.Contains(s.Allowed, action) }

// readSight reads a purpose, what the caller may do, its agreement and the load there.
// More calls are made at the same time.
func readSight(v *office.Visit, id string, more ...func(*office.API) error) (*sight, error) {
	s := &sight{names: newNames(v)}
	api := v.API(m2m.Product)
	if err := api.Get(apiPath(id), nil, &s.Purpose); err != nil {
		return nil, err
	}
	var group errgroup.Group
	group.SetLimit(m2m.MaxAtOnce)
	group.Go(func() error {
		var allowed struct {
			State          string   `json:"state"`
			AllowedActions []string `json:"allowedActions"`
		}
		err := api.Get(apiPath(id, "allowedActions"), nil, &allowed)
		s.State, s.Allowed = allowed.State, allowed.AllowedActions
		return err
	})
	group.Go(func() error {
		var a agreement
		if err := api.Get(apiPath(id, "agreement"), nil, &a); err != nil {
			return optional(err)
		}
		s.Agreement = &a
		var err error
		s.Load, err = readLoad(v, a.ID)
		return err
	})
	group.Go(func() error { return s.look(v, []string{s.Purpose.EServiceID}, []string{s.Purpose.ConsumerID}) })
	for _, call := range more {
		group.Go(func() error { return call(api) })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	s.AsConsumer = s.Purpose.ConsumerID == v.Session.Organization
	s.AsProducer = !s.AsConsumer || s.ProducerID() == v.Session.Organization // nobody else sees it
	err := s.look(v, nil, []string{s.ProducerID()})
	return s, err
}

// show shows a purpose.
func show(v *office.Visit) (*office.View, error) {
	page, err := readDetail(v)
	if err != nil {
		return nil, err
	}
	return page.view(nil), nil
}

func readDetail(v *office.Visit) (*detail, error) {
	id := v.Path("purposeId")
	page := &detail{}
	sight, err := readSight(v, id,
		func(api *office.API) error {
			return m2m.ReadPart(api, apiPath(id, "versions"), v.Query("versionsBefore"), &page.Versions)
		},
		func(api *office.API) error {
			return m2m.ReadPart(api, apiPath(id, "history"), v.Query("before"), &page.History)
		})
	if err != nil {
		return nil, err
	}
	page.sight = sight
	page.Clients = sight.AsConsumer && sight.Purpose.IsInUse()
	page.Banners = sight.banners()
	if sight.Load != nil {
		page.Bars = sight.Load.bars(sight.Consumer(), sight.planned())
	}
	page.Actions = sight.buttons()
	return page, nil
}

// planned returns how many calls a day the purpose asks for that do not count yet.
func (s *sight) planned() int64 {
	switch p := &s.Purpose; {
	case p.Waiting != nil:
		return p.Waiting.DailyCalls - p.Counted()
	case p.Current != nil && (p.Current.State == m2m.PurposeDraft || p.Current.State == m2m.PurposeSuspended):
		return p.Current.DailyCalls
	}
	return 0
}

// view shows the page, with the refusal of what was tried.
func (p *detail) view(refusal *office.Refusal) *office.View {
	shown := &office.View{
		Template: "purpose.html", Title: office.Same(p.Purpose.Title), Crumbs: crumbs(), Data: p, Refusal: refusal,
	}
	if refusal != nil {
		shown.Status = refusal.Status
	}
	return shown
}

// Word says what happened.
func (e *event) Word() office.Text {
	if a, known := actions[e.Action]; known {
		return a.Event
	}
	return office.Same(e.Action)
}

// Chip returns the state that an event led to, nil for none.
func (e *event) Chip() *office.Chip {
	chip, known := m2m.PurposeChips[e.To]
	if !known {
		return nil
	}
	return &chip
}

// sides are the sides of a purpose as the history names them.
var sides = map[string]office.Text{
	"CONSUMER": office.T("Fruitore",
		"Consumer"), "PRODUCER": office.T("Erogatore", "Producer"), "PLATFORM": office.T("Piattaforma", "Platform"),
}

// Who returns the side that acted.
func (e *event) Who() office.Text { return sides[e.Actor.Side] }
