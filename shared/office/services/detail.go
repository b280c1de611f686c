package services

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"ciclo/shared/office"
)

// detailPage is what the page of a service shows.
type detailPage struct {
	service
	Sheet    sheet
	ETag     string
	Allowed  allowed
	Live     sheet // the approved copy, nil for none
	LiveETag string
	Check    *check
	Keys     *keys
	History  history
	Lost     bool         // another change came first
	Changed  []difference // by that change
}

// Seen returns the chip of the publication.
func (p *detailPage) Seen() office.Chip { return visibilities[p.Allowed.Visibility] }

// Can reports whether the API allows an action.
func (p *detailPage) Can(action string) bool {
	return slices.Contains(p.Allowed.AllowedActions, action)
}

// Because says in words why the service was rejected.
func (p *detailPage) Because() office.Text { return codes[p.Status.Code] }

// Reasons lists what the reviewer wants to be changed.
func (p *detailPage) Reasons() []reason { return reasonsOf(p.ID, p.Status.Reason) }

// Findings lists what the automatic review would find.
func (p *detailPage) Findings() []reason {
	if p.Check == nil {
		return nil
	}
	return p.Check.reasons(p.ID)
}

// Checked reports whether the page shows what the automatic review would find: for a draft, and
// for a rejected service where that is more than the reason says.
func (p *detailPage) Checked() bool {
	if p.Check == nil || p.Status.Value == "draft" {
		return p.Check != nil
	}
	return p.Status.Value == "rejected" && slices.ContainsFunc(p.Check.Findings, func(f finding) bool {
		return !strings.Contains(p.Status.Reason, f.Field+": "+f.Detail)
	})
}

// Differs lists in what the service differs from the approved copy.
func (p *detailPage) Differs() []difference {
	if p.Live == nil {
		return nil
	}
	return withoutCeiling(differences(p.Live, p.Sheet))
}

// LiveHeading names the approved copy.
func (p *detailPage) LiveHeading() office.Text {
	if p.Allowed.Visibility == "published" {
		return office.T("Copia visibile in app", "Copy in the app")
	}
	return office.T("Copia approvata, nascosta", "Approved copy, hidden")
}

// Steps returns the parts of the sheet.
func (*detailPage) Steps() []office.Text { return stepNames }

// row is a member with its value.
type row struct {
	Label, Value office.Text
	Name         string
	Long         bool
}

// Rows lists the members of a part of the sheet, counted from 0, that have a value.
func (p *detailPage) Rows(part int) []row {
	var all []row
	for _, m := range members {
		if value := m.shown(p.Sheet); m.step == part+1 && value.IT != "" {
			all = append(all, row{Label: m.Label, Value: value, Name: m.Name, Long: m.Kind == "textarea"})
		}
	}
	return all
}

// Actions lists the buttons: the actions that the API allows and that have words.
func (p *detailPage) Actions() []button {
	var all []button
	for _, b := range buttons {
		if p.Can(b.Action) {
			all = append(all, b.of(p))
		}
	}
	return all
}

// detail shows a service.
func detailOf(v *office.Visit) (*office.View, error) {
	return showDetail(v, nil)
}

// showDetail shows a service, with the refusal of what was tried.
func showDetail(v *office.Visit, refusal *office.Refusal) (*office.View, error) {
	p, err := readDetail(v, v.Path("serviceId"))
	if err != nil {
		return nil, err
	}
	shown := &office.View{
		Template: "service-detail.html", Title: office.Same(p.Name), Data: p, Refusal: refusal,
		Crumbs: []office.Crumb{{Text: office.T("Servizi", "Services"), Path: "/services"}},
	}
	if refusal == nil {
		return shown, nil
	}
	shown.Status = refusal.Status
	if before := v.Value("_etag"); before != "" && before != p.ETag && refusal.Conflict() {
		p.Lost = true
		if was, err := versionAt(v, p.ID, before); err == nil && was != nil {
			p.Changed = differences(was, p.Sheet)
		}
	}
	return shown, nil
}

// readDetail reads everything of a service, in two rounds of calls.
func readDetail(v *office.Visit, id string) (*detailPage, error) {
	p := &detailPage{}
	api := v.API(product)
	var err error
	if p.ETag, err = api.Read(servicePath(id, ""), &p.Sheet); err != nil {
		return nil, err
	}
	if err := p.Sheet.as(&p.service); err != nil {
		return nil, err
	}
	var all errgroup.Group
	all.Go(func() error { return api.Get(servicePath(id, "/allowedActions"), nil, &p.Allowed) })
	if p.Status.Value == "deleted" { // nothing else is left of it
		return p, all.Wait()
	}
	all.Go(func() (err error) {
		p.LiveETag, err = api.Read(servicePath(id, "/release"), &p.Live)
		return absent(err)
	})
	if p.Status.Value != "submitted" {
		all.Go(func() error { return api.Get(servicePath(id, "/review/check"), nil, &p.Check) })
	}
	all.Go(func() error { return api.Get(servicePath(id, "/keys"), nil, &p.Keys) })
	all.Go(func() (err error) {
		p.History, err = readHistory(v, id, url.Values{"limit": {"5"}})
		return err
	})
	return p, all.Wait()
}

// absent returns nil for the refusal that something does not exist.
func absent(err error) error {
	if refusal, refused := office.Refused(err); refused && refusal.Status == http.StatusNotFound {
		return nil
	}
	return err
}

// masked returns a key with all but its end hidden.
func masked(key string) string { return strings.Repeat("•", 12) + key[max(0, len(key)-4):] }

// Mask returns both keys with most of them hidden.
func (k *keys) Mask() []maskedKey {
	return []maskedKey{
		{
			Kind: "primary", Label: office.T("Chiave primaria", "Primary key"), Masked: masked(k.Primary), Key: k.Primary,
			Show:    office.T("Mostra la chiave primaria", "Show the primary key"),
			Replace: office.T("Rigenera la chiave primaria", "Regenerate the primary key"),
		},
		{
			Kind: "secondary", Label: office.T("Chiave secondaria", "Secondary key"), Masked: masked(k.Secondary), Key: k.Secondary,
			Show:    office.T("Mostra la chiave secondaria", "Show the secondary key"),
			Replace: office.T("Rigenera la chiave secondaria", "Regenerate the secondary key"),
		},
	}
}

// maskedKey is a key of a service as its page shows it.
type maskedKey struct {
	Kind                 string
	Label, Show, Replace office.Text
	Masked, Key          string
}
