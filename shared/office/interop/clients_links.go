package interop

import (
	"net/http"
	"net/url"

	"ciclo/shared/office"
)

// clientPurpose is a purpose on the pages on clients.
type clientPurpose struct {
	purpose

	EService string     `json:"-"` // its name
	Unlink   *clientAsk `json:"-"` // nil when it is not allowed
	Linked   bool       `json:"-"` // to the client, in the choice of purposes
}

// Suspended says who has suspended the purpose and has to take that back, nothing when it is
// not suspended.
func (p *clientPurpose) Suspended() office.Text {
	switch {
	case p.SuspendedByConsumer && p.SuspendedByProducer:
		return office.T("Sospesa dal fruitore e dall’erogatore: devono riattivarla entrambi.",
			"Suspended by the consumer and the producer: both have to reactivate it.")
	case p.SuspendedByConsumer:
		return office.T("Sospesa dal fruitore, che deve riattivarla.", "Suspended by the consumer, who has to reactivate it.")
	case p.SuspendedByProducer:
		return office.T("Sospesa dall’erogatore, che deve riattivarla.", "Suspended by the producer, who has to reactivate it.")
	}
	return office.Text{}
}

// readPurposes reads purposes that are linked to the client, with the names of their
// e-services.
func (c *client) readPurposes(v *office.Visit, query url.Values, into *clientList[*clientPurpose]) error {
	if err := v.API(product).Get(clientsPath+"/"+c.ID+"/purposes", query, into); err != nil {
		return err
	}
	for _, p := range into.Results {
		p.Unlink = c.ask("removePurpose", c.Path("purposes", p.ID, "delete"), p.Title)
	}
	return nameEServices(v, into.Results)
}

// nameEServices sets the names of the e-services of purposes.
func nameEServices(v *office.Visit, all []*clientPurpose) error {
	ids := make([]string, len(all))
	for i, p := range all {
		ids[i] = p.EServiceID
	}
	names, err := namesOf(v, "/eservices", ids...)
	for _, p := range all {
		p.EService = nameOr(names, p.EServiceID)
	}
	return err
}

// showClientPurposes lists the purposes that are linked to a client.
func showClientPurposes(v *office.Visit) (*office.View, error) {
	c, err := readOwnClient(v)
	if err != nil {
		return nil, err
	}
	l := v.List(clientPageSize)
	var linked clientList[*clientPurpose]
	if err := c.readPurposes(v, l.Range(), &linked); err != nil {
		return nil, err
	}
	l.Total = linked.Pagination.TotalCount
	return &office.View{
		Template: "client-purposes.html", Title: office.T("Finalità collegate", "Linked purposes"), Crumbs: clientCrumbs(c),
		Data: map[string]any{"Client": c, "Purposes": linked.Results, "List": l},
	}, nil
}

// choosePurpose lists the purposes of the organization that the API lets clients be linked
// to: those in use.
func choosePurpose(v *office.Visit) (*office.View, error) {
	c, err := readOwnClient(v)
	if err != nil {
		return nil, err
	}
	l := v.List(clientPageSize)
	query := l.Range()
	query.Set("consumerIds", v.Session.Organization)
	query.Set("states", purposeActive+","+purposeSuspended)
	title := &office.Field{
		Name: "title", Kind: "search", Label: office.T("Titolo della finalità", "Title of the purpose"), Value: v.Query("title"), Complete: "off",
	}
	if title.Value != "" {
		query.Set("title", title.Value)
	}
	var found clientList[*clientPurpose]
	if err := v.API(product).Get("/purposes", query, &found); err != nil {
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
		Template: "client-link.html", Title: office.T("Collega una finalità", "Link a purpose"), Crumbs: clientCrumbs(c),
		Data: map[string]any{"Client": c, "Purposes": found.Results, "List": l, "Filter": title},
	}, nil
}

// markLinked marks the purposes that are linked to the client already.
func (c *client) markLinked(v *office.Visit, all []*clientPurpose) error {
	var eservices []string
	for _, p := range all {
		eservices = append(eservices, p.EServiceID)
	}
	if len(eservices) == 0 {
		return nil
	}
	linked := map[string]bool{}
	query := url.Values{"eserviceIds": eservices}
	for offset, more := int64(0), true; more; offset += clientPageSize {
		for name, values := range (&office.List{Offset: offset, Limit: clientPageSize}).Range() {
			query[name] = values
		}
		var page clientList[clientPurpose]
		if err := v.API(product).Get(clientsPath+"/"+c.ID+"/purposes", query, &page); err != nil {
			return err
		}
		for _, p := range page.Results {
			linked[p.ID] = true
		}
		more = len(page.Results) == clientPageSize
	}
	for _, p := range all {
		p.Linked = linked[p.ID]
	}
	return nil
}

// linkPurpose links a purpose to a client.
func linkPurpose(v *office.Visit) (*office.View, error) {
	body := map[string]string{"purposeId": v.Value("purposeId")}
	err := v.API(product).Send(http.MethodPost, clientPath(v.Path("clientId"), "purposes"), body, nil)
	if err == nil {
		return v.Redirect(clientPath(v.Path("clientId")), office.T(
			"La finalità è collegata: mentre è attiva, il client ottiene voucher.",
			"The purpose is linked: while it is active, the client gets vouchers.")), nil
	}
	shown, failed := choosePurpose(v)
	if failed != nil {
		return nil, err
	}
	return clientRefused(shown, &office.Form{}, err)
}

// unlinkPurpose takes a purpose away from a client.
func unlinkPurpose(v *office.Visit) (*office.View, error) {
	path := clientPath(v.Path("clientId"), "purposes", v.Path("purposeId"))
	if err := v.API(product).Send(http.MethodDelete, path, nil, nil); err != nil {
		return clientAgain(v, err)
	}
	return v.Redirect(clientPath(v.Path("clientId")), office.T(
		"La finalità è scollegata: il client non ottiene più voucher per questa finalità.",
		"The purpose is unlinked: the client gets no vouchers for it any more.")), nil
}
