package interop

import (
	"net/url"
	"slices"
	"strconv"

	"golang.org/x/sync/errgroup"

	"ciclo/shared/office"
)

// purposeAgreement is what the pages on purposes show of an agreement (PDND, Agreement).
type purposeAgreement struct {
	ID         string `json:"id"`
	EServiceID string `json:"eserviceId"`
	ProducerID string `json:"producerId"`
	State      string `json:"state"`
}

// purposeEvent is a change of a version.
type purposeEvent struct {
	Action string `json:"action"`
	Actor  struct {
		Side           string `json:"side"`
		OrganizationID string `json:"organizationId"`
	} `json:"actor"`
	DailyCalls int64  `json:"dailyCalls"`
	From       string `json:"from"`
	To         string `json:"to"`
	At         string `json:"timestamp"`
	Reason     string `json:"reason"`
}

// purposePart is the end of a list that grows at its end, newest first.
type purposePart[T any] struct {
	Rows  []T
	Older int64 // how many come before, 0 for none
}

// purposeSight is a purpose with what the API says about it to the caller.
type purposeSight struct {
	*purposeNames

	Purpose    purpose
	State      string   // of the purpose as a whole
	Allowed    []string // the actions that are the caller's
	Detail     string   // whose turn it is
	AsConsumer bool
	AsProducer bool
	Agreement  *purposeAgreement // nil when none is in use
	Load       *purposeLoad      // nil without an agreement in use
}

// purposePage is the page of a purpose.
type purposePage struct {
	*purposeSight

	Versions purposePart[purposeVersion]
	History  purposePart[purposeEvent]
	Banners  []purposeBanner
	Bars     []office.Bar
	Actions  []purposeButton
	Clash    *purposeClash // what changed while a form was open, nil for nothing
	Clients  bool          // whether the clients that are linked can be shown
}

// Chip returns the state of the purpose.
func (s *purposeSight) Chip() office.Chip { return purposeChips[s.State] }

// ProducerID returns the organization that offers the e-service, "" when it is not known.
func (s *purposeSight) ProducerID() string {
	if s.Agreement != nil {
		return s.Agreement.ProducerID
	}
	return s.eservices[s.Purpose.EServiceID].ProducerID
}

// Consumer returns the name of the consumer.
func (s *purposeSight) Consumer() string { return s.Tenant(s.Purpose.ConsumerID) }

// May reports whether an action is the caller's.
func (s *purposeSight) May(action string) bool { return slices.Contains(s.Allowed, action) }

// readPurpose reads a purpose, what the caller may do, its agreement and the load there.
// More calls are made at the same time.
func readPurpose(v *office.Visit, id string, more ...func(*office.API) error) (*purposeSight, error) {
	s := &purposeSight{purposeNames: newPurposeNames(v)}
	api := v.API(product)
	if err := api.Get(purposePath(id), nil, &s.Purpose); err != nil {
		return nil, err
	}
	var group errgroup.Group
	group.SetLimit(maxAtOnce)
	group.Go(func() error {
		var allowed struct {
			State          string   `json:"state"`
			AllowedActions []string `json:"allowedActions"`
			Detail         string   `json:"detail"`
		}
		err := api.Get(purposePath(id, "allowedActions"), nil, &allowed)
		s.State, s.Allowed, s.Detail = allowed.State, allowed.AllowedActions, allowed.Detail
		return err
	})
	group.Go(func() error {
		var a purposeAgreement
		if err := api.Get(purposePath(id, "agreement"), nil, &a); err != nil {
			return purposeOptional(err)
		}
		s.Agreement = &a
		var err error
		s.Load, err = readPurposeLoad(v, a.ID)
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
	return s, s.look(v, nil, []string{s.ProducerID()})
}

// readPurposePart reads the last entries of a list, or those before the one with that number.
func readPurposePart[T any](api *office.API, path, before string, into *purposePart[T]) error {
	end, err := strconv.ParseInt(before, 10, 64)
	if err != nil || end <= 0 {
		end = 0
	}
	read := func(offset, limit int64) (purposeAnswer[T], error) {
		var answer purposeAnswer[T]
		query := url.Values{"offset": {strconv.FormatInt(offset, 10)}, "limit": {strconv.FormatInt(limit, 10)}}
		return answer, api.Get(path, query, &answer)
	}
	var answer purposeAnswer[T]
	isLast := end == 0
	if isLast {
		if answer, err = read(0, purposeMost); err != nil {
			return err
		}
		end = answer.Pagination.Total
	}
	first := max(0, end-purposeMost)
	if first > 0 || !isLast {
		if answer, err = read(first, end-first); err != nil {
			return err
		}
	}
	slices.Reverse(answer.Results)
	into.Rows, into.Older = answer.Results, first
	return nil
}

// showPurpose shows a purpose.
func showPurpose(v *office.Visit) (*office.View, error) {
	page, err := readPurposePage(v)
	if err != nil {
		return nil, err
	}
	return page.view(nil), nil
}

func readPurposePage(v *office.Visit) (*purposePage, error) {
	id := v.Path("purposeId")
	page := &purposePage{}
	sight, err := readPurpose(v, id,
		func(api *office.API) error {
			return readPurposePart(api, purposePath(id, "versions"), v.Query("versionsBefore"), &page.Versions)
		},
		func(api *office.API) error {
			return readPurposePart(api, purposePath(id, "history"), v.Query("before"), &page.History)
		})
	if err != nil {
		return nil, err
	}
	page.purposeSight = sight
	page.Clients = sight.AsConsumer && sight.Purpose.isInUse()
	page.Banners = sight.banners()
	if sight.Load != nil {
		page.Bars = sight.Load.bars(sight.Consumer(), sight.planned())
	}
	page.Actions = sight.buttons()
	return page, nil
}

// planned returns how many calls a day the purpose asks for that do not count yet.
func (s *purposeSight) planned() int64 {
	switch p := &s.Purpose; {
	case p.Waiting != nil:
		return p.Waiting.DailyCalls - p.counted()
	case p.Current != nil && (p.Current.State == purposeDraft || p.Current.State == purposeSuspended):
		return p.Current.DailyCalls
	}
	return 0
}

// view shows the page, with the refusal of what was tried.
func (p *purposePage) view(refusal *office.Refusal) *office.View {
	shown := &office.View{
		Template: "purpose.html", Title: office.Same(p.Purpose.Title), Crumbs: purposeCrumbs(), Data: p, Refusal: refusal,
	}
	if refusal != nil {
		shown.Status = refusal.Status
	}
	return shown
}

// Word says what happened.
func (e *purposeEvent) Word() office.Text {
	if a, known := purposeActions[e.Action]; known {
		return a.Event
	}
	return office.Same(e.Action)
}

// Chip returns the state that an event led to, nil for none.
func (e *purposeEvent) Chip() *office.Chip {
	chip, known := purposeChips[e.To]
	if !known {
		return nil
	}
	return &chip
}

// purposeSides are the sides of a purpose as the history names them.
var purposeSides = map[string]office.Text{
	"CONSUMER": office.T("Fruitore",
		"Consumer"), "PRODUCER": office.T("Erogatore", "Producer"), "PLATFORM": office.T("Piattaforma", "Platform"),
}

// Who returns the side that acted.
func (e *purposeEvent) Who() office.Text { return purposeSides[e.Actor.Side] }
