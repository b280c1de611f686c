package consumers

import (
	"maps"
	"slices"

	"ciclo/shared/office"
)

// States of a consumer.
const (
	stateDeleting = "DELETING"
	stateFailed   = "DELETE_FAILED"
)

var states = map[string]office.Chip{
	"ACTIVE":      {Text: office.T("Attivo", "Active"), Tone: "success"},
	stateDeleting: {Text: office.T("In cancellazione", "Being deleted"), Tone: "info"},
	stateFailed:   {Text: office.T("Cancellazione non riuscita", "Deletion failed"), Tone: "danger"},
}

// deleted is the state of a consumer that only operations tell of.
var deleted = office.Chip{Text: office.T("Cancellato", "Deleted")}

var accountStates = map[string]office.Chip{
	"ACTIVE":   {Text: office.T("Attivo", "Active"), Tone: "success"},
	"INACTIVE": {Text: office.T("Non attivo", "Inactive")},
}

var cardStates = map[string]office.Chip{
	"ACTIVE":    {Text: office.T("Attiva", "Active"), Tone: "success"},
	"INACTIVE":  {Text: office.T("Non attiva", "Inactive")},
	"SUSPENDED": {Text: office.T("Sospesa", "Suspended"), Tone: "warning"},
}

var statuses = map[string]office.Chip{
	"SUCCESSFUL": {Text: office.T("Riuscita", "Successful"), Tone: "success"},
	"PENDING":    {Text: office.T("In corso", "Pending"), Tone: "info"},
	"FAILED":     {Text: office.T("Non riuscita", "Failed"), Tone: "danger"},
}

var operations = map[string]office.Text{
	"REGISTER":            office.T("Registrazione", "Registration"),
	"DELETE":              office.T("Cancellazione", "Deletion"),
	"SUSPEND":             office.T("Sospensione", "Suspension"),
	"RESUME":              office.T("Riattivazione", "Reactivation"),
	"ENROLL_AUTHN":        office.T("Attivazione di un autenticatore", "Enrolment of an authenticator"),
	"DELETE_AUTHN":        office.T("Rimozione di un autenticatore", "Removal of an authenticator"),
	"CLICK_TO_PAY_UPDATE": office.T("Aggiornamento di Click to Pay", "Update of Click to Pay"),
}

var requestors = map[string]office.Text{
	"ISSUER": office.T("Emittente", "Issuer"),
	"USER":   office.T("Titolare", "Consumer"),
	"CCI":    office.T("Assistenza clienti", "Customer care"),
}

var reasons = map[string]office.Text{
	"USER_DECISION":   office.T("Lo ha chiesto il titolare", "The consumer asked for it"),
	"ISSUER_DECISION": office.T("Lo ha deciso l’emittente", "The issuer decided it"),
}

var failures = map[string]office.Text{
	"TIMEOUT":                     office.T("Non è finita in tempo.", "It did not end in time."),
	"CASCADE_FAILED":              office.T("Il consumatore non è stato rimosso.", "The consumer could not be removed."),
	"CASCADE_ACCOUNT_FAILED":      office.T("Un conto non è stato rimosso.", "An account could not be removed."),
	"CASCADE_CARD_FAILED":         office.T("Una carta non è stata rimossa.", "A card could not be removed."),
	"CASCADE_DIGITAL_CARD_FAILED": office.T("Una carta digitale non è stata rimossa.", "A digital card could not be removed."),
}

// textOf returns the words for a code. A code that the pages do not know is shown as it is.
func textOf(words map[string]office.Text, code string) office.Text {
	if t, known := words[code]; known {
		return t
	}
	return office.Same(code)
}

func chipOf(chips map[string]office.Chip, code string) office.Chip {
	if c, known := chips[code]; known {
		return c
	}
	return office.Chip{Text: office.Same(code)}
}

func titleOf(id string) office.Text {
	return office.Text{IT: "Consumatore " + id, EN: "Consumer " + id}
}

// counted says how many accounts, cards and digital cards.
func counted(accounts, cards, digitalCards int64) office.Text {
	return office.Tf("%s, %s e %s", "%s, %s and %s",
		number(accounts, office.T("conto", "account"), office.T("conti", "accounts")),
		number(cards, office.T("carta", "card"), office.T("carte", "cards")),
		number(digitalCards, office.T("carta digitale", "digital card"), office.T("carte digitali", "digital cards")))
}

func number(n int64, one, many office.Text) office.Text {
	if n == 1 {
		many = one
	}
	return office.Tf("%d %s", "%d %s", n, many)
}

// actionDelete is the action of the API that the pages offer.
const actionDelete = "delete"

// Worded lists the codes and actions of the API that have words in these pages.
func Worded() []string {
	all := []string{actionDelete}
	for _, chips := range []map[string]office.Chip{states, accountStates, cardStates, statuses} {
		all = slices.AppendSeq(all, maps.Keys(chips))
	}
	for _, words := range []map[string]office.Text{operations, requestors, reasons, failures} {
		all = slices.AppendSeq(all, maps.Keys(words))
	}
	return all
}
