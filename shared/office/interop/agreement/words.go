package agreement

import (
	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
)

// actionWords are the words of an action that a page offers where the API allows it.
type actionWords struct {
	Button   office.Text
	Question office.Text
	// Words returns what will happen.
	Words  func(p *detail) office.Text
	Done   office.Text
	Main   bool // whether it is what the page is for
	Danger bool // whether it ends something
	Fields func(p *detail) []*office.Field
}

// actionOrder are the actions of the API, in the order of the buttons, that people take
// on an agreement. The others are named in the test of the words.
var actionOrder = []string{"submit", "approve", "reject", "upgrade", "unsuspend", "suspend", "clone", "archive", "delete"}

// wordsOf has the words of the actions by the API's name.
var wordsOf = map[string]actionWords{
	"submit": {
		Button: office.T("Invia la richiesta", "Send the request"), Question: office.T("Inviare la richiesta?", "Send the request?"),
		Main: true, Words: submitWords, Done: office.T("Richiesta inviata.", "The request was sent."),
		Fields: func(p *detail) []*office.Field {
			return []*office.Field{{
				Name: "consumerNotes", Kind: "textarea", Value: p.Agreement.Notes,
				Label: office.T("Note per l’erogatore", "Notes for the producer"),
				Help: office.T("Facoltative, al massimo 1.000 caratteri. L’erogatore le legge quando decide.",
					"Optional, at most 1,000 characters. The producer reads them when deciding."),
			}}
		},
	},
	"approve": {
		Button: office.T("Approva", "Approve"), Question: office.T("Approvare la richiesta?", "Approve the request?"),
		Main: true, Words: approveWords, Done: office.T("Richiesta approvata.", "The request was approved."),
	},
	"reject": {
		Button: office.T("Rifiuta", "Reject"), Question: office.T("Rifiutare la richiesta?", "Reject the request?"), Danger: true,
		Words: func(p *detail) office.Text {
			return office.Tf("La richiesta si chiude e %s legge la motivazione. Non si può annullare; "+
				"chi ha chiesto può ripartire con una nuova richiesta.",
				"The request is closed and %s reads the reason. This cannot be undone; whoever asked can start again with a new request.", p.Consumer)
		},
		Done: office.T("Richiesta rifiutata: il fruitore legge la motivazione.", "The request was rejected: the consumer reads the reason."),
		Fields: func(*detail) []*office.Field {
			return []*office.Field{{
				Name: "reason", Kind: "textarea", Required: true, Label: office.T("Motivazione", "Reason"),
				Help: office.T("Da 20 a 1.000 caratteri. La legge il fruitore: scrivi che cosa manca.",
					"20 to 1,000 characters. The consumer reads it: write what is missing."),
			}}
		},
	},
	"upgrade": {
		Button:   office.T("Passa alla versione nuova", "Move to the new version"),
		Question: office.T("Passare alla versione nuova?", "Move to the new version?"),
		Words:    upgradeWords, Done: office.T("Questa è la richiesta per la versione nuova.", "This is the agreement for the new version."),
	},
	"unsuspend": {
		Button: office.T("Riattiva", "Reactivate"), Question: office.T("Togliere la tua sospensione?", "End your suspension?"),
		Main: true, Words: unsuspendWords, Done: office.T("La tua sospensione è finita.", "Your suspension has ended."),
	},
	"suspend": {
		Button: office.T("Sospendi", "Suspend"), Question: office.T("Sospendere?", "Suspend?"),
		Words: suspendWords, Done: office.T("Sospensione registrata.", "The suspension was recorded."),
	},
	"clone": {
		Button:   office.T("Crea una nuova richiesta da questa", "Make a new request from this one"),
		Question: office.T("Creare una nuova richiesta?", "Make a new request?"),
		Words: func(*detail) office.Text {
			return office.T("Nasce una bozza con la stessa versione e le stesse note, da correggere e inviare. "+
				"La richiesta rifiutata resta com’è.",
				"A draft with the same version and notes is made, for you to correct and send. The rejected one stays as it is.")
		},
		Done: office.T("Bozza creata dalla richiesta rifiutata.", "A draft was made from the rejected request."),
	},
	"archive": {
		Button: office.T("Archivia", "Archive"), Question: office.T("Archiviare per sempre?", "Archive for good?"), Danger: true,
		Words: func(p *detail) office.Text {
			return office.Tf("Non usi più %s: da subito le finalità di questa richiesta non ottengono nuovi voucher. "+
				"Non si può annullare; per usare di nuovo l’e-service serve una nuova richiesta.",
				"You no longer use %s: from now on the purposes of this agreement get no new vouchers. "+
					"This cannot be undone; to use the e-service again takes a new request.", p.EService.Name)
		},
		Done: office.T("Richiesta archiviata.", "The agreement was archived."),
	},
	"delete": {
		Button: office.T("Elimina", "Delete"), Question: office.T("Eliminare la richiesta?", "Delete the request?"), Danger: true,
		Words: func(p *detail) office.Text {
			if p.Agreement.State == m2m.AgreementPending {
				return office.Tf("La richiesta è ritirata e %s non può più decidere. Non si può annullare.",
					"The request is withdrawn and %s can no longer decide. This cannot be undone.", p.Producer)
			}
			return office.T("La richiesta non è mai stata in uso: scompare dagli elenchi. Non si può annullare.",
				"The request was never in use: it disappears from the lists. This cannot be undone.")
		},
		Done: office.T("Richiesta eliminata.", "The request was deleted."),
	},
}

// and returns two sentences as one text.
func and(a, b office.Text) office.Text {
	return office.Text{IT: a.IT + " " + b.IT, EN: a.EN + " " + b.EN}
}

// replacing returns the sentence that another agreement ends by this one, if there is one.
func (p *detail) replacing(text office.Text) office.Text {
	if p.InUse == nil {
		return text
	}
	return and(text, office.T("La richiesta in uso per lo stesso e-service viene allora archiviata.",
		"The agreement that is in use for the same e-service is archived then."))
}

func submitWords(p *detail) office.Text {
	if p.Descriptor.ApprovalPolicy == policyAutomatic {
		return p.replacing(office.Tf("%s accetta le richieste in automatico: se possiedi gli attributi richiesti, sei attivo da subito. "+
			"Se un attributo va verificato, decide l’erogatore.",
			"%s accepts requests automatically: if you own the required attributes you are active at once. "+
				"If one has to be verified, the producer decides.", p.Producer))
	}
	return p.replacing(office.Tf("%s la riceve e decide. Fino ad allora resta in attesa di approvazione, e puoi ritirarla.",
		"%s receives it and decides. Until then it waits for approval, and you can withdraw it.", p.Producer))
}

func approveWords(p *detail) office.Text {
	text := office.Tf("%s può da subito creare finalità e ottenere voucher per %s.",
		"%s can create purposes and get vouchers for %s from now on.",
		p.Consumer, p.EService.Name)
	if p.Agreement.ByConsumer {
		text = office.Tf("La richiesta è accettata, ma resta sospesa finché %s non la riattiva.",
			"The request is accepted, but stays suspended until %s reactivates it.", p.Consumer)
	}
	return p.replacing(text)
}

func suspendWords(p *detail) office.Text {
	longest := p.Descriptor.Lifespan()
	return office.Text{
		IT: "Da subito le finalità di questa richiesta non ottengono nuovi voucher. " +
			"Quelli già rilasciati valgono fino alla loro scadenza, al più " +
			longest.IT + ". Solo la tua organizzazione può togliere questa sospensione.",
		EN: "From now on the purposes of this agreement get no new vouchers. Those already issued stay valid until they expire, at most " +
			longest.EN + ". Only your organization can end this suspension.",
	}
}

func unsuspendWords(p *detail) office.Text {
	other := p.heldByOthers()
	if other.IT == "" {
		return office.T("La richiesta torna attiva e le sue finalità ottengono di nuovo voucher.",
			"The agreement is active again and its purposes get vouchers again.")
	}
	return and(office.T("Togli la tua sospensione, ma la richiesta resta sospesa.",
		"Your suspension ends, but the agreement stays suspended."), other)
}

func upgradeWords(p *detail) office.Text {
	version := ""
	if p.Newer != nil {
		version = p.Newer.Version
	}
	return office.Tf("Se possiedi gli attributi che la versione %s richiede, passi subito a quella, "+
		"l’approvazione resta valida e questa richiesta è archiviata. "+
		"Se manca un attributo dichiarato o verificato, nasce una bozza da inviare, e questa resta in uso finché la bozza non è accettata.",
		"If you own the attributes that version %s requires, you move to it at once, "+
			"the approval stays valid and this agreement is archived. "+
			"If a declared or verified attribute is missing, a draft is made for you to send, "+
			"and this one stays in use until the draft is accepted.", version)
}

// eventWords has the words of the changes in a history by the API's name.
var eventWords = map[string]office.Text{
	"create":    office.T("Bozza creata", "Draft created"),
	"submit":    office.T("Richiesta inviata", "Request sent"),
	"approve":   office.T("Richiesta approvata", "Request approved"),
	"reject":    office.T("Richiesta rifiutata", "Request rejected"),
	"suspend":   office.T("Sospesa", "Suspended"),
	"unsuspend": office.T("Sospensione tolta", "Suspension ended"),
	"archive":   office.T("Archiviata", "Archived"),
	"upgrade":   office.T("Passaggio a una versione nuova", "Moved to a new version"),
	"clone":     office.T("Bozza creata da una richiesta rifiutata", "Draft made from a rejected request"),
	"delete":    office.T("Eliminata", "Deleted"),
	"replace":   office.T("Archiviata perché un’altra richiesta è entrata in uso", "Archived because another agreement came into use"),
	"recompute": office.T("Attributi del fruitore cambiati", "Attributes of the consumer changed"),
}

// memberWords has the words of the members whose change a lost race shows.
var memberWords = map[string]office.Text{
	"state":               office.T("Stato", "State"),
	"suspendedByConsumer": office.T("Sospesa dal fruitore", "Suspended by the consumer"),
	"suspendedByProducer": office.T("Sospesa dall’erogatore", "Suspended by the producer"),
	"suspendedByPlatform": office.T("Sospesa per attributi mancanti", "Suspended for missing attributes"),
	"consumerNotes":       office.T("Note del fruitore", "Notes of the consumer"),
	"rejectionReason":     office.T("Motivazione del rifiuto", "Reason of the rejection"),
	"descriptorId":        office.T("Versione", "Version"),
}
