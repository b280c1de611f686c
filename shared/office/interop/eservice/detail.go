package eservice

import (
	"net/http"
	"net/url"
	"slices"

	"golang.org/x/sync/errgroup"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
)

// load is the load of an e-service, for its producer.
type load struct {
	Total   int64          `json:"totalLoad"`
	InTotal int64          `json:"dailyCallsTotal"`
	Results []consumerLoad `json:"results"`

	Pagination struct {
		Total int64 `json:"totalCount"`
	} `json:"pagination"`
}

// consumerLoad is the load of one consumer of an e-service.
type consumerLoad struct {
	ConsumerID   string `json:"consumerId"`
	Load         int64  `json:"load"`
	Purposes     int64  `json:"activePurposes"`
	DescriptorID string `json:"descriptorId"`
	PerConsumer  int64  `json:"dailyCallsPerConsumer"`
}

// Bar returns the load against the consumer's threshold.
func (l consumerLoad) Bar() office.Bar {
	return office.Bar{Label: office.T("Chiamate al giorno", "Calls a day"), Load: l.Load, Limit: l.PerConsumer}
}

// Bar returns the load of all consumers against the threshold of the newest descriptor.
func (l *load) Bar() office.Bar {
	return office.Bar{Label: office.T("Tutti i fruitori, chiamate al giorno", "All consumers, calls a day"), Load: l.Total, Limit: l.InTotal}
}

// facts is what the pages on one e-service read.
type facts struct {
	EService    *eservice
	Producer    string
	Own         bool // whether the organization is its producer
	Descriptors []*descriptor
	Allowed     map[string]bool // actions on the e-service
	Load        *load           // for its producer, once something was published
	Consumers   map[string]string
	Agreement   string // id of the organization's own newest request, "" for none
}

// Version returns the number of a descriptor.
func (f *facts) Version(id string) string {
	for _, d := range f.Descriptors {
		if d.ID == id {
			return d.Version
		}
	}
	return ""
}

// Newest returns the descriptors, newest first.
func (f *facts) Newest() []*descriptor {
	all := slices.Clone(f.Descriptors)
	slices.Reverse(all)
	return all
}

// read reads what the pages on one e-service show. Only the part of the load that l
// selects is read.
func read(v *office.Visit, l *office.List) (*facts, error) {
	f := &facts{EService: &eservice{}}
	path := pathOf(v)
	if err := v.API(m2m.Product).Get(path, nil, f.EService); err != nil {
		return nil, err
	}
	f.Own = f.EService.ProducerID == v.Session.Organization
	group := errgroup.Group{}
	group.Go(func() (err error) {
		f.Descriptors, err = m2m.All[*descriptor](v, path+"/descriptors")
		return err
	})
	group.Go(func() (err error) {
		f.Allowed, err = actionsOn(v, path)
		return err
	})
	group.Go(func() error {
		names, err := m2m.Names(v, "/tenants", f.EService.ProducerID)
		f.Producer = m2m.NameOr(names, f.EService.ProducerID)
		return err
	})
	group.Go(func() (err error) {
		f.Agreement, err = ownAgreement(v, f.EService.ID)
		return err
	})
	if f.Own && f.EService.Latest != nil {
		group.Go(func() error { return f.readLoad(v, l) })
	}
	return f, group.Wait()
}

// readLoad reads a page of who uses how much.
func (f *facts) readLoad(v *office.Visit, l *office.List) error {
	load := &load{}
	if err := v.API(m2m.Product).Get(pathOf(v)+"/load", l.Range(), load); err != nil {
		return err
	}
	l.Total = load.Pagination.Total
	ids := make([]string, len(load.Results))
	for i, r := range load.Results {
		ids[i] = r.ConsumerID
	}
	names, err := m2m.Names(v, "/tenants", ids...)
	f.Load, f.Consumers = load, names
	return err
}

// ownAgreement returns the organization's own request for an e-service that is not over, "" for
// none.
func ownAgreement(v *office.Visit, eserviceID string) (string, error) {
	var found m2m.Page[struct {
		ID string `json:"id"`
	}]
	err := v.API(m2m.Product).Get("/agreements", url.Values{
		"eserviceIds": {eserviceID}, "consumerIds": {v.Session.Organization},
		"states": {m2m.AgreementsNotOver}, "offset": {"0"}, "limit": {"1"},
	}, &found)
	if err != nil || len(found.Results) == 0 {
		return "", err
	}
	return found.Results[0].ID, nil
}

// show shows an e-service with its versions and, to its producer, with its load.
func show(v *office.Visit) (*office.View, error) { return view(v, nil) }

// view is the page of an e-service, with the refusal of an action on it.
func view(v *office.Visit, refusal *office.Refusal) (*office.View, error) {
	l := v.List(m2m.MaxPage)
	f, err := read(v, l)
	if err != nil {
		return nil, err
	}
	if f.Load != nil {
		office.SortBy(l, f.Load.Results, map[string]func(consumerLoad) string{
			"consumer": func(c consumerLoad) string { return m2m.NameOr(f.Consumers, c.ConsumerID) },
		})
	}
	shown := &office.View{
		Template: "eservice-show.html", Title: office.Same(f.EService.Name), Crumbs: crumbs(nil),
		Data: map[string]any{"Facts": f, "List": l, "Edits": f.mayEdit()},
	}
	if refusal != nil {
		shown.Refusal, shown.Status = refusal, refusal.Status
	}
	return shown, nil
}

// mayEdit reports whether there is something of the e-service that may be edited.
func (f *facts) mayEdit() bool {
	return slices.ContainsFunc(edits, func(e edit) bool { return f.Allowed[e.action] })
}

// deleteOne deletes an e-service that was never published.
func deleteOne(v *office.Visit) (*office.View, error) {
	err := v.API(m2m.Product).Send(http.MethodDelete, pathOf(v), nil, nil)
	if refusal, refused := m2m.ShownRefusal(err); refused && !m2m.IsHidden(refusal) {
		return view(v, refusal)
	}
	if err != nil {
		return nil, err
	}
	return v.Redirect("/eservices/mine", office.T("L’e-service è stato cancellato.", "The e-service was deleted.")), nil
}
