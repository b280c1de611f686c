package client

import (
	"maps"
	"net/http"
	"net/url"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
)

// purpose is a purpose on the pages on clients.
type purpose struct {
	m2m.Purpose

	EService string `json:"-"` // its name
	Unlink   *ask   `json:"-"` // nil when it is not allowed
	Linked   bool   `json:"-"` // to the client, in the choice of purposes
}

// readPurposes reads purposes that are linked to the client, with the names of their
// e-services.
func (c *client) readPurposes(v *office.Visit, query url.Values, into *list[*purpose]) error {
	if err := v.API(m2m.Product).Get(m2m.ClientsPath+"/"+c.ID+"/purposes", query, into); err != nil {
		return err
	}
	for _, p := range into.Results {
		p.Unlink = c.ask("removePurpose", c.Path("purposes", p.ID, "delete"), p.Title)
	}
	return nameEServices(v, into.Results)
}

// nameEServices sets the names of the e-services of purposes.
func nameEServices(v *office.Visit, all []*purpose) error {
	ids := make([]string, len(all))
	for i, p := range all {
		ids[i] = p.EServiceID
	}
	names, err := m2m.Names(v, "/eservices", ids...)
	for _, p := range all {
		p.EService = m2m.NameOr(names, p.EServiceID)
	}
	return err
}

// showPurposes lists the purposes that are linked to a client.
func showPurposes(v *office.Visit) (*office.View, error) {
	c, err := readOwn(v)
	if err != nil {
		return nil, err
	}
	l := v.List(pageSize)
	var linked list[*purpose]
	if err := c.readPurposes(v, l.Range(), &linked); err != nil {
		return nil, err
	}
	l.Total = linked.Pagination.TotalCount
	return &office.View{
		Template: "client-purposes.html", Title: office.T("Finalità collegate", "Linked purposes"), Crumbs: crumbs(c),
		Data: map[string]any{"Client": c, "Purposes": linked.Results, "List": l},
	}, nil
}

// choosePurpose lists the purposes of the organization that the API lets clients be linked
// to: those in use.
func choosePurpose(v *office.Visit) (*office.View, error) {
	c, err := readOwn(v)
	if err != nil {
		return nil, err
	}
	l := v.List(pageSize)
	query := l.Range()
	query.Set("consumerIds", v.Session.Organization)
	query.Set("states", m2m.PurposeActive+","+m2m.PurposeSuspended)
	title := &office.Field{
		Name: "title", Kind: "search", Label: office.T("Titolo della finalità", "Title of the purpose"), Value: v.Query("title"), Complete: "off",
	}
	if title.Value != "" {
		query.Set("title", title.Value)
	}
	var found list[*purpose]
	if err := v.API(m2m.Product).Get("/purposes", query, &found); err != nil {
		return nil, err
	}
	l.Total = found.Pagination.TotalCount
	if err := nameEServices(v, found.Results); err != nil {
		return nil, err
	}
	if err := c.markLinked(v, found.Results); err != nil {
		return nil, err
	}
	return &office.View{
		Template: "client-link.html", Title: office.T("Collega una finalità", "Link a purpose"), Crumbs: crumbs(c),
		Data: map[string]any{"Client": c, "Purposes": found.Results, "List": l, "Filter": title},
	}, nil
}

// markLinked marks the purposes that are linked to the client already.
func (c *client) markLinked(v *office.Visit, all []*purpose) error {
	var eservices []string
	for _, p := range all {
		eservices = append(eservices, p.EServiceID)
	}
	if len(eservices) == 0 {
		return nil
	}
	linked := map[string]bool{}
	query := url.Values{"eserviceIds": eservices}
	for offset, more := int64(0), true; more; offset += pageSize {
		maps.Copy(query, (&office.List{Offset: offset, Limit: pageSize}).Range())
		var page list[purpose]
		if err := v.API(m2m.Product).Get(m2m.ClientsPath+"/"+c.ID+"/purposes", query, &page); err != nil {
			return err
		}
		for _, p := range page.Results {
			linked[p.ID] = true
		}
		more = len(page.Results) == pageSize
	}
	for _, p := range all {
		p.Linked = linked[p.ID]
	}
	return nil
}

// linkPurpose links a purpose to a client.
func linkPurpose(v *office.Visit) (*office.View, error) {
	body := map[string]string{"purposeId": v.Value("purposeId")}
	err := v.API(m2m.Product).Send(http.MethodPost, m2m.ClientPath(v.Path("clientId"), "purposes"), body, nil)
	if err == nil {
		return v.Redirect(m2m.ClientPath(v.Path("clientId")), office.T(
			"La finalità è collegata: mentre è attiva, il client ottiene voucher.",
			"The purpose is linked: while it is active, the client gets vouchers.")), nil
	}
	shown, failed := choosePurpose(v)
	if failed != nil {
		return nil, err
	}
	return refused(shown, &office.Form{}, err)
}

// unlinkPurpose takes a purpose away from a client.
func unlinkPurpose(v *office.Visit) (*office.View, error) {
	path := m2m.ClientPath(v.Path("clientId"), "purposes", v.Path("purposeId"))
	if err := v.API(m2m.Product).Send(http.MethodDelete, path, nil, nil); err != nil {
		return again(v, err)
	}
	return v.Redirect(m2m.ClientPath(v.Path("clientId")), office.T(
		"La finalità è scollegata: il client non ottiene più voucher per questa finalità.",
		"The purpose is unlinked: the client gets no vouchers for it any more.")), nil
}
