package purpose

import (
	"net/http"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
)

// action is an action of the API in words, and how it is sent. One that has a Page is
// taken there; one that has neither a page nor a method is taken by the platform, or makes
// a purpose, and is only told of.
type action struct {
	Event  office.Text // in the history
	Button office.Text
	Page   string // below the purpose
	Danger bool

	Question office.Text
	Words    func(*sight) []office.Text   // what will happen
	Fields   func(*sight) []*office.Field // what has to be typed, nil for nothing
	Idle     func(*sight) bool            // whether it would change nothing, nil for never
	Method   string                       // of the call
	Below    func(*sight) []string        // its path below the purpose
	Body     func(form *office.Form) any  // nil for none
	Done     func(before, after *m2m.Purpose) office.Text
	Leaves   bool // whether the purpose is gone afterwards
}

// order is the order of the buttons.
var order = []string{
	"approve", "setExpectedActivationDate", "reject", "activate", "update", "createVersion", "unsuspend", "suspend", "clone",
	"deleteVersion", "archive", "delete",
}

// actions are the actions of the API by name (PDND, and the lifecycle of a purpose).
var actions = map[string]action{
	"create":   {Event: office.T("Creata in bozza", "Created as a draft")},
	"replace":  {Event: office.T("Sostituita da un’altra stima", "Replaced by another estimate")},
	"withdraw": {Event: office.T("Richiesta decaduta", "Request lapsed")},
	"clone": {Event: office.T("Creata come copia di un’altra finalità",
		"Created as a copy of another purpose"), Button: office.T("Clona", "Clone"), Page: "clone"},
	"update": {Event: office.T("Bozza modificata",
		"Draft changed"), Button: office.T("Modifica la bozza", "Edit the draft"), Page: "edit"},
	"createVersion": {
		Event: office.T("Nuova stima inviata",
			"New estimate sent"), Button: office.T("Nuova stima di carico", "New load estimate"), Page: "estimate",
	},
	"activate": {
		Event: office.T("Inviata per l’attivazione", "Submitted for activation"), Button: office.T("Invia e attiva", "Submit and activate"),
		Question: office.T("Vuoi inviare questa finalità?", "Submit this purpose?"), Words: (*sight).activateWords,
		Method: http.MethodPost, Below: below("activate"), Body: noBody, Done: activated,
	},
	"approve": {
		Event: office.T("Approvata", "Approved"), Button: office.T("Approva", "Approve"),
		Question: office.T("Vuoi approvare questa stima?", "Approve this estimate?"), Words: (*sight).approveWords,
		Method: http.MethodPost, Below: below("approve"), Body: noBody,
		Done: done(office.T("Stima approvata.", "The estimate is approved.")),
	},
	"reject": {
		Event: office.T("Rifiutata", "Rejected"), Button: office.T("Rifiuta", "Reject"), Danger: true,
		Question: office.T("Vuoi rifiutare questa stima?", "Reject this estimate?"), Words: (*sight).rejectWords,
		Fields: func(*sight) []*office.Field {
			return []*office.Field{{
				Name: "rejectionReason", Kind: "textarea", Required: true, Label: office.T("Motivo", "Reason"),
				Help: office.T("Da 10 a 250 caratteri. Lo legge il fruitore.", "10 to 250 characters. The consumer reads it."),
			}}
		},
		Method: http.MethodPost, Below: below("reject"), Done: done(office.T("Stima rifiutata.", "The estimate is rejected.")),
		Body: func(form *office.Form) any {
			return map[string]string{"rejectionReason": form.Field("rejectionReason").Value}
		},
	},
	"setExpectedActivationDate": {
		Event: office.T("Data prevista di attivazione indicata",
			"Expected activation date given"), Button: office.T("Indica la data prevista", "Give the expected date"),
		Question: office.T("Quando prevedi di attivarla?", "When do you expect to activate it?"), Words: (*sight).expectWords,
		Fields: func(s *sight) []*office.Field {
			field := &office.Field{
				Name: "date", Kind: "date", Required: true, Label: office.T("Data prevista di attivazione", "Expected activation date"),
				Help: office.T("Oggi o un giorno successivo.", "Today or a later day."),
			}
			if s.Purpose.Waiting != nil {
				field.Value = s.Purpose.Waiting.ExpectedOn
			}
			return []*office.Field{field}
		},
		Method: http.MethodPut, Below: below("expectedActivationDate"),
		Body: func(form *office.Form) any { return map[string]string{"date": form.Field("date").Value} },
		Done: done(office.T("Data prevista indicata: il fruitore la vede.", "The expected date is given: the consumer sees it.")),
	},
	"suspend": {
		Event: office.T("Sospesa", "Suspended"), Button: office.T("Sospendi", "Suspend"),
		Question: office.T("Vuoi sospendere questa finalità?", "Suspend this purpose?"), Words: (*sight).suspendWords,
		Idle:   func(s *sight) bool { return s.isSuspendedByCaller() && !s.isResuming() },
		Method: http.MethodPost, Below: below("suspend"), Body: noBody,
		Done: done(office.T("Finalità sospesa.", "The purpose is suspended.")),
	},
	"unsuspend": {
		Event: office.T("Riattivata", "Reactivated"), Button: office.T("Riattiva", "Reactivate"),
		Question: office.T("Vuoi togliere la tua sospensione?", "End your suspension?"), Words: (*sight).unsuspendWords,
		Idle:   func(s *sight) bool { return !s.isSuspendedByCaller() || s.AsConsumer && s.isResuming() },
		Method: http.MethodPost, Below: below("unsuspend"), Body: noBody, Done: resumed,
	},
	"archive": {
		Event: office.T("Archiviata", "Archived"), Button: office.T("Archivia", "Archive"), Danger: true,
		Question: office.T("Vuoi archiviare questa finalità per sempre?",
			"Archive this purpose for good?"), Words: (*sight).archiveWords,
		Method: http.MethodPost, Below: below("archive"),
		Done: done(office.T("Finalità archiviata: le sue chiamate sono di nuovo disponibili.",
			"The purpose is archived: its calls are available again.")),
	},
	"deleteVersion": {
		Event: office.T("Richiesta ritirata",
			"Request taken back"), Button: office.T("Ritira la stima in attesa", "Take back the waiting estimate"),
		Question: office.T("Vuoi ritirare la stima in attesa?", "Take back the estimate that waits?"), Words: (*sight).takeBackWords,
		Method: http.MethodDelete, Below: func(s *sight) []string {
			if s.Purpose.Waiting == nil {
				return []string{"versions", "none"}
			}
			return []string{"versions", s.Purpose.Waiting.ID}
		},
		Done: done(office.T("Stima ritirata.", "The estimate is taken back.")),
	},
	"delete": {
		Event: office.T("Cancellata", "Deleted"), Button: office.T("Cancella", "Delete"), Danger: true, Leaves: true,
		Question: office.T("Vuoi cancellare questa finalità?", "Delete this purpose?"), Words: (*sight).deleteWords,
		Method: http.MethodDelete, Below: below(), Done: done(office.T("Finalità cancellata.", "The purpose is deleted.")),
	},
}

func below(path ...string) func(*sight) []string {
	return func(*sight) []string { return path }
}

func noBody(*office.Form) any { return struct{}{} }

func done(text office.Text) func(_, _ *m2m.Purpose) office.Text {
	return func(_, _ *m2m.Purpose) office.Text { return text }
}

// activated says what became of a draft that was submitted.
func activated(_, after *m2m.Purpose) office.Text {
	if after.Waiting != nil {
		return office.T("Inviata: supera una soglia, quindi attende l’approvazione dell’erogatore.",
			"Submitted: it exceeds a threshold, so it waits for the producer’s approval.")
	}
	return office.T("Finalità attiva: rientra in entrambe le soglie.", "The purpose is active: it fits both thresholds.")
}

// resumed says what became of a purpose whose suspension was to end.
func resumed(_, after *m2m.Purpose) office.Text {
	switch {
	case after.Current != nil && after.Current.State == m2m.PurposeActive:
		return office.T("Finalità riattivata.", "The purpose is active again.")
	case after.Waiting != nil && after.Current != nil && after.Waiting.DailyCalls == after.Current.DailyCalls:
		return office.T("Le sue chiamate non rientrano più nelle soglie: resta sospesa finché l’erogatore non approva.",
			"Its calls no longer fit the thresholds: it stays suspended until the producer approves.")
	}
	return office.T("Hai tolto la tua sospensione: la finalità resta sospesa dall’altra parte.",
		"Your suspension has ended: the other side still suspends the purpose.")
}

// isSuspendedByCaller reports whether the caller's own side suspends the purpose. A producer
// that uses its own e-service has the producer's flag alone.
func (s *sight) isSuspendedByCaller() bool {
	if s.AsProducer {
		return s.Purpose.SuspendedByProducer
	}
	return s.Purpose.SuspendedByConsumer
}

// isResuming reports whether a version waits so that a suspension can end: it plans the
// calls that the suspended one does.
func (s *sight) isResuming() bool {
	c, w := s.Purpose.Current, s.Purpose.Waiting
	return c != nil && w != nil && c.State == m2m.PurposeSuspended && c.DailyCalls == w.DailyCalls
}
