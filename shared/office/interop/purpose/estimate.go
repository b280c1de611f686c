package purpose

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"golang.org/x/sync/errgroup"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
)

// estimate is the page for another number of calls a day: first it is checked against
// the thresholds, then sent.
type estimate struct {
	*sight

	Check   *office.Form // asks for the number
	Calls   int64        // that was typed, 0 for none
	Verdict *verdict     // nil without a number, or without an agreement in use
	Send    *office.Form // sends the number; nil while there is none
	Bars    []office.Bar
	Clash   *clash
}

// fitsField is the field with what the page has said about the thresholds.
const fitsField = "_fits"

// showEstimate checks the calls a day of the query against the thresholds.
func showEstimate(v *office.Visit) (*office.View, error) {
	page, err := readEstimate(v, v.Query(callsField))
	if err != nil {
		return nil, err
	}
	return page.view(nil), nil
}

func readEstimate(v *office.Visit, typed string) (*estimate, error) {
	sight, err := readSight(v, v.Path("purposeId"))
	if err != nil {
		return nil, err
	}
	p := &sight.Purpose
	path := "/purposes/" + p.ID
	page := &estimate{sight: sight, Check: &office.Form{
		Action: path + "/estimate", Submit: office.T("Verifica", "Check"), Cancel: path, Fields: []*office.Field{callsInput(typed)},
	}}
	if sight.Load != nil {
		page.Bars = sight.Load.bars(sight.Consumer(), 0)
	}
	if typed == "" {
		return page, nil
	}
	calls, ok := callsOf(v, page.Check.Fields[0])
	if !ok {
		return page, nil
	}
	page.Calls = calls
	page.Send = &office.Form{Action: path + "/estimate", Fields: []*office.Field{
		{Name: callsField, Kind: "hidden", Value: strconv.FormatInt(calls, 10)}, sight.seenField(),
	}}
	if sight.Load == nil {
		return page, nil
	}
	var inUse int64
	if p.IsInUse() {
		inUse = p.Current.DailyCalls
	}
	page.Verdict = sight.Load.verdict(sight.Consumer(), calls, p.Counted(), inUse)
	page.Verdict.Lines = append(page.Verdict.Lines, sight.sayWhatStays(page.Verdict.Fits)...)
	page.Send.Fields = append(page.Send.Fields, &office.Field{
		Name: fitsField, Kind: "hidden",
		Value: strconv.FormatBool(page.Verdict.Fits),
	})
	return page, nil
}

// sayWhatStays says what another estimate does not change.
func (s *sight) sayWhatStays(fits bool) []office.Text {
	var all []office.Text
	p := &s.Purpose
	if p.IsInUse() && !fits {
		all = append(all, office.Tf("Fino alla decisione resta in uso la stima di %d chiamate al giorno.",
			"Until the decision the estimate of %d calls a day stays in use.", p.Current.DailyCalls))
	} else if p.IsInUse() {
		all = append(all, office.Tf("Sostituisce subito la stima di %d chiamate al giorno.",
			"It replaces the estimate of %d calls a day at once.", p.Current.DailyCalls))
	}
	if p.SuspendedByConsumer || p.SuspendedByProducer {
		all = append(all, office.T("La finalità resta sospesa.", "The purpose stays suspended."))
	}
	return all
}

func (p *estimate) view(refusal *office.Refusal) *office.View {
	shown := &office.View{
		Template: "purpose-estimate.html", Title: office.T("Nuova stima di carico", "New load estimate"),
		Crumbs: crumbs(&p.Purpose), Data: p, Refusal: refusal,
	}
	switch {
	case refusal != nil:
		shown.Status = refusal.Status
	case p.Clash != nil:
		shown.Status = http.StatusConflict
	case len(p.Check.Wrong()) > 0:
		shown.Status = http.StatusBadRequest
	}
	return shown
}

// sendEstimate sends another number of calls a day, unless something has changed since
// it was checked.
func sendEstimate(v *office.Visit) (*office.View, error) {
	page, err := readEstimate(v, v.Value(callsField))
	if err != nil {
		return nil, err
	}
	page.Clash = page.clash(v)
	if said := v.Value(fitsField); page.Clash == nil && said != "" && page.Verdict != nil &&
		said != strconv.FormatBool(page.Verdict.Fits) {
		page.Clash = changesOf(v, map[string]string{"fits": yesNo(said)},
			map[string]string{"fits": yesNo(strconv.FormatBool(page.Verdict.Fits))})
	}
	if page.Clash != nil || page.Send == nil {
		return page.view(nil), nil
	}
	var created m2m.PurposeVersion
	err = v.API(m2m.Product).Send(http.MethodPost, apiPath(page.Purpose.ID, "versions"), map[string]int64{callsField: page.Calls},
		&created)
	if refusal, refused := m2m.ShownRefusal(err); refused {
		if page, err = readEstimate(v, v.Value(callsField)); err != nil {
			return nil, err
		}
		page.Check.Refuse(refusal)
		return page.view(page.Check.Refusal), nil
	} else if err != nil {
		return nil, err
	}
	done := office.Tf("La nuova stima di %d chiamate al giorno è in uso.",
		"The new estimate of %d calls a day is in use.", created.DailyCalls)
	switch created.State {
	case m2m.PurposeWaiting:
		done = office.Tf("La nuova stima di %d chiamate al giorno attende l’approvazione dell’erogatore.",
			"The new estimate of %d calls a day waits for the producer’s approval.", created.DailyCalls)
	case m2m.PurposeSuspended:
		done = office.Tf("La nuova stima è di %d chiamate al giorno; la finalità resta sospesa.",
			"The new estimate is %d calls a day; the purpose stays suspended.", created.DailyCalls)
	}
	return v.Redirect("/purposes/"+page.Purpose.ID, done), nil
}

// yesNo writes a truth value as seen does.
func yesNo(value string) string {
	if value == "true" {
		return "yes"
	}
	return "no"
}

// linkedClient is what the pages on purposes show of a client (PDND, FullClient).
type linkedClient struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Linked bool   `json:"-"`
}

// clientsPerPage is how many clients a page shows; each takes a call.
const clientsPerPage = 20

// linkedClients is the page with the clients of the consumer.
type linkedClients struct {
	Purpose m2m.Purpose
	Clients []linkedClient
	List    *office.List
}

// showClients shows which of the consumer's clients are linked to a purpose. The API
// answers that for each client.
func showClients(v *office.Visit) (*office.View, error) {
	page := &linkedClients{List: v.List(clientsPerPage)}
	api := v.API(m2m.Product)
	if err := api.Get(apiPath(v.Path("purposeId")), nil, &page.Purpose); err != nil {
		return nil, err
	}
	query := page.List.Range()
	query.Set("consumerId", v.Session.Organization)
	var answer answer[linkedClient]
	if err := api.Get("/clients", query, &answer); err != nil {
		return nil, err
	}
	page.Clients, page.List.Total = answer.Results, answer.Pagination.Total
	var group errgroup.Group
	group.SetLimit(m2m.MaxAtOnce)
	for i := range page.Clients {
		group.Go(func() (err error) {
			page.Clients[i].Linked, err = isLinked(api, page.Clients[i].ID, &page.Purpose)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return &office.View{
		Template: "purpose-clients.html", Title: office.T("Client della finalità",
			"Clients of the purpose"), Crumbs: crumbs(&page.Purpose), Data: page,
	}, nil
}

// isLinked reports whether a client is linked to a purpose.
func isLinked(api *office.API, clientID string, p *m2m.Purpose) (bool, error) {
	for offset := int64(0); ; offset += most {
		query := url.Values{"eserviceIds": {p.EServiceID}, "offset": {strconv.FormatInt(offset, 10)}, "limit": {strconv.Itoa(most)}}
		var answer answer[m2m.Purpose]
		if err := api.Get("/clients/"+url.PathEscape(clientID)+"/purposes", query, &answer); err != nil {
			return false, optional(err)
		}
		if slices.ContainsFunc(answer.Results, func(linked m2m.Purpose) bool { return linked.ID == p.ID }) {
			return true, nil
		}
		if offset+most >= answer.Pagination.Total {
			return false, nil
		}
	}
}
