package interop

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"golang.org/x/sync/errgroup"

	"ciclo/shared/office"
)

// purposeEstimate is the page for another number of calls a day: first it is checked against
// the thresholds, then sent.
type purposeEstimate struct {
	*purposeSight

	Check   *office.Form    // asks for the number
	Calls   int64           // that was typed, 0 for none
	Verdict *purposeVerdict // nil without a number, or without an agreement in use
	Send    *office.Form    // sends the number; nil while there is none
	Bars    []office.Bar
	Clash   *purposeClash
}

// purposeFitsField is the field with what the page has said about the thresholds.
const purposeFitsField = "_fits"

// estimatePurpose checks the calls a day of the query against the thresholds.
func estimatePurpose(v *office.Visit) (*office.View, error) {
	page, err := readPurposeEstimate(v, v.Query(purposeCallsField))
	if err != nil {
		return nil, err
	}
	return page.view(nil), nil
}

func readPurposeEstimate(v *office.Visit, typed string) (*purposeEstimate, error) {
	sight, err := readPurpose(v, v.Path("purposeId"))
	if err != nil {
		return nil, err
	}
	p := &sight.Purpose
	path := "/purposes/" + p.ID
	page := &purposeEstimate{purposeSight: sight, Check: &office.Form{
		Action: path + "/estimate", Submit: office.T("Verifica", "Check"), Cancel: path, Fields: []*office.Field{purposeCallsInput(typed)},
	}}
	if sight.Load != nil {
		page.Bars = sight.Load.bars(sight.Consumer(), 0)
	}
	if typed == "" {
		return page, nil
	}
	calls, ok := purposeCalls(v, page.Check.Fields[0])
	if !ok {
		return page, nil
	}
	page.Calls = calls
	page.Send = &office.Form{Action: path + "/estimate", Fields: []*office.Field{
		{Name: purposeCallsField, Kind: "hidden", Value: strconv.FormatInt(calls, 10)}, sight.seenField(),
	}}
	if sight.Load == nil {
		return page, nil
	}
	var inUse int64
	if p.isInUse() {
		inUse = p.Current.DailyCalls
	}
	page.Verdict = sight.Load.verdict(sight.Consumer(), calls, p.counted(), inUse)
	page.Verdict.Lines = append(page.Verdict.Lines, sight.sayWhatStays(page.Verdict.Fits)...)
	page.Send.Fields = append(page.Send.Fields, &office.Field{Name: purposeFitsField, Kind: "hidden",
		Value: strconv.FormatBool(page.Verdict.Fits)})
	return page, nil
}

// sayWhatStays says what another estimate does not change.
func (s *purposeSight) sayWhatStays(fits bool) []office.Text {
	var all []office.Text
	p := &s.Purpose
	if p.isInUse() && !fits {
		all = append(all, office.Tf("Fino alla decisione resta in uso la stima di %d chiamate al giorno.",
			"Until the decision the estimate of %d calls a day stays in use.", p.Current.DailyCalls))
	} else if p.isInUse() {
		all = append(all, office.Tf("Sostituisce subito la stima di %d chiamate al giorno.",
			"It replaces the estimate of %d calls a day at once.", p.Current.DailyCalls))
	}
	if p.SuspendedByConsumer || p.SuspendedByProducer {
		all = append(all, office.T("La finalità resta sospesa.", "The purpose stays suspended."))
	}
	return all
}

func (p *purposeEstimate) view(refusal *office.Refusal) *office.View {
	shown := &office.View{
		Template: "purpose-estimate.html", Title: office.T("Nuova stima di carico", "New load estimate"),
		Crumbs: purposeCrumbs(&p.Purpose), Data: p, Refusal: refusal,
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

// sendPurposeEstimate sends another number of calls a day, unless something has changed since
// it was checked.
func sendPurposeEstimate(v *office.Visit) (*office.View, error) {
	page, err := readPurposeEstimate(v, v.Value(purposeCallsField))
	if err != nil {
		return nil, err
	}
	page.Clash = page.clash(v)
	if said := v.Value(purposeFitsField); page.Clash == nil && said != "" && page.Verdict != nil &&
		said != strconv.FormatBool(page.Verdict.Fits) {
		page.Clash = purposeChanges(v, map[string]string{"fits": purposeYes(said)},
			map[string]string{"fits": purposeYes(strconv.FormatBool(page.Verdict.Fits))})
	}
	if page.Clash != nil || page.Send == nil {
		return page.view(nil), nil
	}
	var created purposeVersion
	err = v.API(product).Send(http.MethodPost, purposePath(page.Purpose.ID, "versions"), map[string]int64{purposeCallsField: page.Calls},
		&created)
	if refusal, refused := errors.AsType[*office.Refusal](err); refused {
		if page, err = readPurposeEstimate(v, v.Value(purposeCallsField)); err != nil {
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
	case purposeWaiting:
		done = office.Tf("La nuova stima di %d chiamate al giorno attende l’approvazione dell’erogatore.",
			"The new estimate of %d calls a day waits for the producer’s approval.", created.DailyCalls)
	case purposeSuspended:
		done = office.Tf("La nuova stima è di %d chiamate al giorno; la finalità resta sospesa.",
			"The new estimate is %d calls a day; the purpose stays suspended.", created.DailyCalls)
	}
	return v.Redirect("/purposes/"+page.Purpose.ID, done), nil
}

// purposeYes writes a truth value as purposeSeen does.
func purposeYes(value string) string {
	if value == "true" {
		return "yes"
	}
	return "no"
}

// purposeClient is what the pages on purposes show of a client (PDND, FullClient).
type purposeClient struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Linked bool   `json:"-"`
}

// purposeClientsSize is how many clients a page shows; each takes a call.
const purposeClientsSize = 20

// purposeClients is the page with the clients of the consumer.
type purposeClients struct {
	Purpose purpose
	Clients []purposeClient
	List    *office.List
}

// listPurposeClients shows which of the consumer's clients are linked to a purpose. The API
// answers that for each client.
func listPurposeClients(v *office.Visit) (*office.View, error) {
	page := &purposeClients{List: v.List(purposeClientsSize)}
	api := v.API(product)
	if err := api.Get(purposePath(v.Path("purposeId")), nil, &page.Purpose); err != nil {
		return nil, err
	}
	query := page.List.Range()
	query.Set("consumerId", v.Session.Organization)
	var answer purposeAnswer[purposeClient]
	if err := api.Get("/clients", query, &answer); err != nil {
		return nil, err
	}
	page.Clients, page.List.Total = answer.Results, answer.Pagination.Total
	var group errgroup.Group
	group.SetLimit(maxAtOnce)
	for i := range page.Clients {
		group.Go(func() (err error) {
			page.Clients[i].Linked, err = isPurposeLinked(api, page.Clients[i].ID, &page.Purpose)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	return &office.View{
		Template: "purpose-clients.html", Title: office.T("Client della finalità",
			"Clients of the purpose"), Crumbs: purposeCrumbs(&page.Purpose), Data: page,
	}, nil
}

// isPurposeLinked reports whether a client is linked to a purpose.
func isPurposeLinked(api *office.API, clientID string, p *purpose) (bool, error) {
	for offset := int64(0); ; offset += purposeMost {
		query := url.Values{"eserviceIds": {p.EServiceID}, "offset": {strconv.FormatInt(offset, 10)}, "limit": {strconv.Itoa(purposeMost)}}
		var answer purposeAnswer[purpose]
		if err := api.Get("/clients/"+url.PathEscape(clientID)+"/purposes", query, &answer); err != nil {
			return false, purposeOptional(err)
		}
		if slices.ContainsFunc(answer.Results, func(linked purpose) bool { return linked.ID == p.ID }) {
			return true, nil
		}
		if offset+purposeMost >= answer.Pagination.Total {
			return false, nil
		}
	}
}
