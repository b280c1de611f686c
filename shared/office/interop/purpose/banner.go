package purpose

import (
	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
)

// banner is a message about the state of a purpose.
type banner struct {
	Tone  string
	Title office.Text
	Lines []office.Text
	Debug bool // whether the tool that checks client assertions says more
}

// banners returns the messages about the state of a purpose: the one in use, then what waits
// or was rejected beside it, then the agreement.
func (s *sight) banners() []banner {
	var all []banner
	p := &s.Purpose
	if p.Current != nil {
		all = append(all, s.currentBanner(p.Current))
	}
	if p.Waiting != nil {
		all = append(all, s.waitingBanner(p.Waiting))
	}
	if p.Rejected != nil {
		all = append(all, s.rejectedBanner(p.Rejected))
	}
	if s.State == m2m.PurposeArchived || s.State == m2m.PurposeRejected {
		return all
	}
	switch {
	case s.Agreement == nil:
		all = append(all, banner{Tone: "danger", Title: office.T("Nessuna richiesta di fruizione in uso",
			"No agreement in use"), Lines: []office.Text{office.T(
			"La finalità poggia su una richiesta di fruizione attiva, che adesso non c’è: senza, non si attiva e non dà voucher.",
			"The purpose stands on an active agreement, and there is none now: without it the purpose neither activates nor gives vouchers.")}})
	case s.Agreement.State != m2m.AgreementActive:
		all = append(all, banner{Tone: "warning", Title: office.T("La richiesta di fruizione è sospesa",
			"The agreement is suspended"), Lines: []office.Text{office.T(
			"Finché è sospesa, la finalità non si attiva e non dà voucher.",
			"While it is suspended the purpose neither activates nor gives vouchers.")}})
	}
	return all
}

// currentBanner is about the version that is drafted, in use or archived.
func (s *sight) currentBanner(v *m2m.PurposeVersion) banner {
	switch v.State {
	case m2m.PurposeDraft:
		b := banner{Title: office.T("La finalità è in bozza", "The purpose is a draft"), Lines: []office.Text{office.T(
			"L’erogatore non la vede ancora. Può restare in bozza senza scadenza.",
			"The producer does not see it yet. It can stay a draft for as long as needed.")}}
		if s.Load != nil {
			verdict := s.Load.verdict(s.Consumer(), v.DailyCalls, 0, 0)
			b.Tone, b.Lines = verdict.Tone(), append(b.Lines, verdict.Lines...)
		}
		return b
	case m2m.PurposeActive:
		return banner{Tone: "success", Title: office.T("La finalità è attiva", "The purpose is active"), Lines: []office.Text{office.Tf(
			"I client collegati ottengono voucher. La stima in uso è di %d chiamate al giorno.",
			"Linked clients obtain vouchers. The estimate in use is %d calls a day.", v.DailyCalls)}}
	case m2m.PurposeSuspended:
		return s.suspendedBanner(v)
	}
	return banner{Title: office.T("La finalità è archiviata", "The purpose is archived"), Lines: []office.Text{
		office.T("Non dà più voucher e non impegna chiamate, e non può tornare in uso. Le chiavi dei client restano valide per le altre "+
			"finalità.",
			"It gives no vouchers and takes up no calls any more, and cannot come back into use. The clients’ keys stay valid for other purposes."),
		office.T("Si può sempre creare una nuova finalità, anche con gli stessi dati.",
			"A new purpose can always be created, even with the same data."),
	}}
}

// suspendedBanner says by whom a purpose is suspended and who has to reactivate it.
func (s *sight) suspendedBanner(v *m2m.PurposeVersion) banner {
	p := &s.Purpose
	consumer, producer := s.Consumer(), s.Tenant(s.ProducerID())
	b := banner{Tone: "warning", Debug: true}
	isOnly := s.AsConsumer && s.AsProducer
	switch {
	case p.SuspendedByConsumer && p.SuspendedByProducer:
		b.Title = office.T("La finalità è sospesa dal fruitore e dall’erogatore",
			"The purpose is suspended by the consumer and by the producer")
		b.Lines = append(b.Lines, office.Tf("Torna attiva quando la riattivano entrambi: il fruitore (%s) e l’erogatore (%s).",
			"It is active again once both reactivate it: the consumer (%s) and the producer (%s).", consumer, producer))
	case isOnly:
		b.Title = office.T("La finalità è sospesa", "The purpose is suspended")
		b.Lines = append(b.Lines, office.T("L’hai sospesa tu, e tu la puoi riattivare.", "You suspended it, and you can reactivate it."))
	case p.SuspendedByProducer:
		b.Title = office.T("La finalità è sospesa dall’erogatore", "The purpose is suspended by the producer")
		b.Lines = append(b.Lines, office.Tf("Può riattivarla solo l’erogatore (%s).", "Only the producer (%s) can reactivate it.", producer))
	default:
		b.Title = office.T("La finalità è sospesa dal fruitore", "The purpose is suspended by the consumer")
		b.Lines = append(b.Lines, office.Tf("Può riattivarla solo il fruitore (%s).", "Only the consumer (%s) can reactivate it.", consumer))
	}
	b.Lines = append(b.Lines, office.Tf(
		"Finché è sospesa nessun client collegato ottiene voucher, e le sue %d chiamate al giorno non contano per le soglie.",
		"While it is suspended no linked client obtains vouchers, and its %d calls a day do not count against the thresholds.", v.DailyCalls))
	return b
}

// exceededThen has the words of the thresholds that a version exceeded when it was asked for. By
// how much is not said: the calls of the purpose that counted then may be others by now.
var exceededThen = map[string]office.Text{
	"CONSUMER": office.T("Quando è stata chiesta superava la soglia per fruitore.",
		"When it was asked for it exceeded the threshold for the consumer."),
	"TOTAL": office.T("Quando è stata chiesta superava la soglia totale.",
		"When it was asked for it exceeded the threshold for all consumers."),
}

// waitingBanner says which threshold a version exceeds, by how much at present, and when it is
// expected.
func (s *sight) waitingBanner(v *m2m.PurposeVersion) banner {
	b := banner{Tone: "info", Title: office.Tf("In attesa di approvazione: %d chiamate al giorno",
		"Waiting for approval: %d calls a day", v.DailyCalls)}
	more := v.DailyCalls - s.Purpose.Counted()
	switch {
	case s.Load != nil && !s.Load.fits(more):
		b.Lines = s.Load.sayOver(more)
	case v.Check != nil:
		for _, name := range v.Check.Exceeded {
			b.Lines = append(b.Lines, exceededThen[name])
		}
	}
	if s.Load != nil && s.Load.fits(more) {
		b.Lines = append(b.Lines, office.T("Adesso rientrerebbe in entrambe le soglie, ma serve comunque l’approvazione dell’erogatore.",
			"It would fit both thresholds now, but it takes the producer’s approval all the same."))
	}
	if v.ExpectedOn != "" {
		b.Lines = append(b.Lines, office.Tf("L’erogatore prevede di attivarla il %s.",
			"The producer expects to activate it on %s.", v.Expected()))
	} else {
		b.Lines = append(b.Lines, office.T("L’erogatore non ha ancora indicato una data prevista di attivazione.",
			"The producer has not given an expected activation date yet."))
	}
	if s.May("approve") {
		b.Lines = append(b.Lines, office.T("Puoi approvarla, rifiutarla con un motivo, o indicare quando prevedi di attivarla.",
			"You can approve it, reject it with a reason, or say when you expect to activate it."))
	}
	if c := s.Purpose.Current; c != nil && c.State == m2m.PurposeActive {
		b.Lines = append(b.Lines, office.Tf("Intanto resta in uso la stima di %d chiamate al giorno.",
			"Meanwhile the estimate of %d calls a day stays in use.", c.DailyCalls))
	} else if c != nil && c.State == m2m.PurposeSuspended && c.DailyCalls == v.DailyCalls {
		b.Lines = append(b.Lines, office.T("Il fruitore ha chiesto di riattivarla, ma nel frattempo altre finalità hanno preso le sue chiamate.",
			"The consumer asked to reactivate it, but other purposes have taken its calls meanwhile."))
	}
	return b
}

// rejectedBanner gives the producer's reason and what the consumer can do.
func (s *sight) rejectedBanner(v *m2m.PurposeVersion) banner {
	b := banner{Tone: "danger", Title: office.Tf("Rifiutata: %d chiamate al giorno", "Rejected: %d calls a day", v.DailyCalls)}
	b.Lines = append(b.Lines, office.Tf("Motivo dell’erogatore: %s", "The producer’s reason: %s", v.RejectionReason))
	if c := s.Purpose.Current; c != nil {
		b.Lines = append(b.Lines, office.Tf("Resta la stima di %d chiamate al giorno.", "The estimate of %d calls a day stays.", c.DailyCalls))
	}
	if s.May("createVersion") {
		b.Lines = append(b.Lines, office.T("Puoi inviare una stima diversa, oppure creare una nuova finalità.",
			"You can send another estimate, or create a new purpose."))
	}
	return b
}
