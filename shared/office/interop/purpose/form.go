package purpose

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
)

// The names of the fields, which are those of the API.
const (
	eserviceField = "eserviceId"
	callsField    = "dailyCalls"
	versionField  = "riskAnalysisForm.version"
	answersField  = "riskAnalysisForm.answers"
)

// callsInput is the field for calls a day.
func callsInput(value string) *office.Field {
	return &office.Field{
		Name: callsField, Kind: "number", Required: true, Label: office.T("Chiamate al giorno previste", "Expected calls a day"),
		Help: office.T("Un numero intero da 1 a 1.000.000.000.", "A whole number from 1 to 1,000,000,000."), Value: value,
	}
}

// fieldsOf are the fields for what a consumer writes about a purpose, with the values
// of one.
func fieldsOf(p *m2m.Purpose, isDraft bool) []*office.Field {
	free, calls := "", ""
	if p.FreeOfCharge {
		free = "true"
	}
	if n := p.Calls(); n > 0 {
		calls = strconv.FormatInt(n, 10)
	}
	analysis := office.T("Serve per attivare la finalità. Si conserva così come la scrivi.",
		"It is needed to activate the purpose. It is kept as you write it.")
	if isDraft {
		analysis = office.T("Lascia vuoto per non cambiarla: quella già inviata non si può rileggere.",
			"Leave empty to keep it: one that was sent cannot be read again.")
	}
	return []*office.Field{
		{
			Name: "title", Required: true, Label: office.T("Titolo", "Title"), Value: p.Title,
			Help: office.T("Da 5 a 60 caratteri, diverso dalle altre tue finalità sull’e-service.",
				"5 to 60 characters, other than your other purposes on the e-service."),
		},
		{
			Name: "description", Kind: "textarea", Required: true, Rows: 3, Label: office.T("Per che cosa usi l’e-service",
				"What you use the e-service for"),
			Help: office.T("Da 10 a 250 caratteri.", "10 to 250 characters."), Value: p.Description,
		},
		callsInput(calls),
		{Name: "isFreeOfCharge", Kind: "checkbox", Label: office.T("L’uso è gratuito", "The use is free of charge"), Value: free},
		{
			Name: "freeOfChargeReason", Label: office.T("Perché è gratuito", "Why it is free of charge"), Value: p.FreeOfChargeReason,
			Help: office.T("Solo se l’uso è gratuito.", "Only if the use is free of charge."),
		},
		{Name: versionField, Label: office.T("Analisi del rischio: versione delle domande",
			"Risk analysis: version of the questions"), Help: analysis},
		{
			Name: answersField, Kind: "textarea", Rows: 5, Mono: true, Label: office.T("Analisi del rischio: risposte",
				"Risk analysis: answers"),
			Help: office.T("Una risposta per riga, «domanda: risposta». Ripeti la domanda per più risposte.",
				"One answer a line, “question: answer”. Repeat the question for several answers."),
		},
	}
}

// bodyOf returns the body that a form of a purpose stands for, false when a field is
// wrong, which then says so.
func bodyOf(v *office.Visit, form *office.Form) (map[string]any, bool) {
	calls, ok := callsOf(v, form.Field(callsField))
	free := form.Field("isFreeOfCharge").Value != ""
	body := map[string]any{
		"title": form.Field("title").Value, "description": form.Field("description").Value, "isFreeOfCharge": free, callsField: calls,
	}
	if reason := form.Field("freeOfChargeReason").Value; free || reason != "" {
		body["freeOfChargeReason"] = reason
	}
	version, typed := form.Field(versionField), form.Field(answersField)
	if version.Value == "" && typed.Value == "" {
		return body, ok
	}
	answers := map[string][]string{}
	for line := range strings.SplitSeq(typed.Value, "\n") {
		if line = strings.TrimSpace(line); line == "" {
			continue
		}
		question, answer, found := strings.Cut(line, ":")
		if question, answer = strings.TrimSpace(question), strings.TrimSpace(answer); !found || question == "" || answer == "" {
			typed.Error = v.Tr(office.Tf("«%s» non è della forma «domanda: risposta»",
				"“%s” is not of the form “question: answer”", line))
			ok = false
			continue
		}
		answers[question] = append(answers[question], answer)
	}
	body["riskAnalysisForm"] = map[string]any{"version": version.Value, "answers": answers}
	return body, ok
}

// callsOf returns the number of calls in a field, false when that has none.
func callsOf(v *office.Visit, field *office.Field) (int64, bool) {
	calls, err := strconv.ParseInt(strings.ReplaceAll(field.Value, ".", ""), 10, 64)
	if err != nil || calls < 1 || calls > 1e9 {
		field.Error = v.Tr(office.T("Scrivi un numero intero da 1 a 1.000.000.000", "Write a whole number from 1 to 1,000,000,000"))
		return 0, false
	}
	return calls, true
}

// offer is an e-service that the caller has an active agreement for.
type offer struct {
	Agreement agreement
	Load      *load
}

// readOffers returns the active agreements of the caller as a consumer, on one
// e-service or on all, and how many there are.
func readOffers(v *office.Visit, eserviceID string) ([]agreement, int64, error) {
	query := url.Values{
		"consumerIds": {v.Session.Organization}, "states": {m2m.AgreementActive}, "offset": {"0"}, "limit": {strconv.Itoa(most)},
	}
	if eserviceID != "" {
		query.Set("eserviceIds", eserviceID)
	}
	var answer answer[agreement]
	err := v.API(m2m.Product).Get("/agreements", query, &answer)
	return answer.Results, answer.Pagination.Total, err
}

// readOffer returns the e-service of the caller's active agreement; nil for none.
func readOffer(v *office.Visit, eserviceID string) (*offer, error) {
	all, _, err := readOffers(v, eserviceID)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	load, err := readLoad(v, all[0].ID)
	return &offer{Agreement: all[0], Load: load}, err
}

// choices returns e-services to choose from, by name. The first of equal ids stays.
func choices(names *names, ids ...string) []office.Option {
	slices.SortFunc(ids, func(a, b string) int {
		return cmp.Or(strings.Compare(strings.ToLower(names.EService(a)), strings.ToLower(names.EService(b))), strings.Compare(a, b))
	})
	var all []office.Option
	for _, id := range slices.Compact(ids) {
		if id != "" {
			all = append(all, office.Option{Value: id, Text: office.Same(names.EService(id))})
		}
	}
	return all
}
