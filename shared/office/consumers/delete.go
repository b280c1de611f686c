package consumers

import (
	"net/http"

	"ciclo/shared/office"
)

// question is the question before a deletion.
type question struct {
	Button, Title, Words office.Text
	Fields               []*office.Field
	Open                 bool // because what was typed was refused
}

// reasonForm returns the form for the reason of a deletion.
func reasonForm() *office.Form {
	return &office.Form{Fields: []*office.Field{
		{
			Name: "reasonCode", Kind: "radio", Label: office.T("Perché?", "Why?"), Required: true,
			Options: []office.Option{
				{Value: "USER_DECISION", Text: reasons["USER_DECISION"]},
				{Value: "ISSUER_DECISION", Text: reasons["ISSUER_DECISION"]},
			},
		},
		{
			Name: "reason", Label: office.T("Nota (facoltativa)", "Note (optional)"),
			Help: office.T("Al massimo 64 lettere senza accento, cifre e spazi. Resta nell’elenco delle operazioni: niente dati personali.",
				"At most 64 letters without accents, digits and blanks. It stays in the list of operations: no personal data."),
		},
	}}
}

// ask returns the question before the deletion of a consumer.
func ask(c *consumer, reason *office.Form) *question {
	q := &question{
		Button: office.T("Cancella il consumatore", "Delete the consumer"),
		Title:  office.Tf("Cancellare il consumatore %s?", "Delete the consumer %s?", c.ConsumerID),
		Words: office.Tf(
			"Con il consumatore vanno via %s. La cancellazione non si può annullare: se la persona torna, "+
				"va registrata di nuovo con un altro codice. Restano elencate solo le operazioni, fino alla loro scadenza.",
			"With the consumer go %s. The deletion cannot be undone: a person who comes back has to be registered again "+
				"with another id. Only the operations stay listed, until they expire.",
			counted(c.Accounts, c.Cards, c.DigitalCards)),
		Fields: reason.Fields, Open: len(reason.Wrong()) > 0,
	}
	if c.HasFailed() {
		q.Button = office.T("Riprendi la cancellazione", "Resume the deletion")
		q.Title = office.Tf("Riprendere la cancellazione di %s?", "Resume the deletion of %s?", c.ConsumerID)
	}
	return q
}

// remove deletes a consumer.
func remove(v *office.Visit) (*office.View, error) {
	d := at(v)
	id := v.Path("consumerId")
	form := reasonForm()
	form.Read(v)
	body := map[string]string{}
	for _, f := range form.Fields {
		if f.Value != "" {
			body[f.Name] = f.Value
		}
	}
	var result struct {
		Status string `json:"status"`
	}
	err := v.API(product).Send(http.MethodPost, d.api("consumers", id, "operations:delete"), body, &result)
	refusal, refused := office.Refused(err)
	switch {
	case err == nil && result.Status == "PENDING":
		return v.Redirect(d.path("consumers", id), office.T("La cancellazione è iniziata.", "The deletion has begun.")), nil
	case err == nil:
		return v.Redirect(d.path("consumers", id), office.T("Consumatore cancellato.", "Consumer deleted.")), nil
	case refused && refusal.Status == http.StatusNotFound:
		return v.Redirect(d.path("consumers", id), office.T(
			"Era già stato cancellato: l’elenco delle operazioni dice quando.", "It was deleted before: the list of operations says when.",
		)), nil
	case !refused:
		return nil, err
	}
	form.Refuse(refusal)
	shown, err := consumerView(d, id, form)
	if err != nil {
		return nil, err
	}
	shown.Status = refusal.Status
	shown.Refusal = form.Refusal
	return shown, nil
}
