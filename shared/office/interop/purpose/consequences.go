package purpose

import (
	"ciclo/shared/office"
)

// The functions below say what an action will do to a purpose, before it is taken.

func (s *sight) activateWords() []office.Text {
	all := []office.Text{office.T("Da quel momento anche l’erogatore la vede.", "From then on the producer sees it, too.")}
	if s.Load != nil && s.Purpose.Current != nil {
		all = append(all, s.Load.verdict(s.Consumer(), s.Purpose.Current.DailyCalls, 0, 0).Lines...)
	}
	return append(all, office.T("Per attivarla serve l’analisi del rischio.", "It takes a risk analysis to activate it."))
}

func (s *sight) approveWords() []office.Text {
	w := s.Purpose.Waiting
	if w == nil {
		return nil
	}
	all := []office.Text{office.Tf("%d chiamate al giorno entrano in uso.", "%d calls a day come into use.", w.DailyCalls)}
	if s.Load != nil {
		all = append(all, s.Load.sayOver(w.DailyCalls-s.Purpose.Counted())...)
	}
	switch p := &s.Purpose; {
	case s.isResuming():
		all = append(all, office.T("La sospensione del fruitore finisce.", "The consumer’s suspension ends."))
	case p.SuspendedByConsumer || p.SuspendedByProducer:
		all = append(all, office.T("La finalità resta sospesa finché chi l’ha sospesa non la riattiva.",
			"The purpose stays suspended until whoever suspended it reactivates it."))
	}
	if c := s.Purpose.Current; c != nil && c.DailyCalls != w.DailyCalls {
		all = append(all, office.Tf("La stima precedente, di %d, viene sostituita.", "The estimate before, of %d, is replaced.", c.DailyCalls))
	}
	return all
}

func (s *sight) rejectWords() []office.Text {
	all := []office.Text{office.T("Il fruitore legge il motivo e può inviare un’altra stima.",
		"The consumer reads the reason and can send another estimate.")}
	if c := s.Purpose.Current; c != nil {
		all = append(all, office.Tf("La stima di %d chiamate al giorno non cambia.",
			"The estimate of %d calls a day does not change.", c.DailyCalls))
	}
	return append(all, office.T("Il rifiuto di una stima è definitivo.", "The rejection of an estimate is final."))
}

func (s *sight) expectWords() []office.Text {
	return []office.Text{office.T(
		"Il fruitore vede la data e può organizzarsi. La finalità non si attiva da sola quel giorno: serve la tua approvazione.",
		"The consumer sees the date and can plan. The purpose does not activate by itself on that day: it takes your approval.")}
}

func (s *sight) suspendWords() []office.Text {
	if s.isSuspendedByCaller() {
		return []office.Text{office.T(
			"La finalità è già sospesa: con questa azione rinunci a riattivarla, e resta sospesa anche se l’erogatore approva.",
			"The purpose is suspended already: you no longer ask to reactivate it, and it stays suspended even if the producer approves.")}
	}
	all := []office.Text{office.T("I client collegati non ottengono più voucher per questa finalità finché resta sospesa.",
		"Linked clients obtain no vouchers for this purpose while it is suspended.")}
	if calls := s.Purpose.Counted(); calls > 0 {
		all = append(all, office.Tf("Le sue %d chiamate al giorno non contano più per le soglie e altri possono chiederle.",
			"Its %d calls a day no longer count against the thresholds, and others can ask for them.", calls))
	}
	if s.AsConsumer {
		return append(all, office.T(
			"Solo tu potrai togliere questa sospensione; se intanto le chiamate saranno state prese da altri, servirà l’approvazione "+
				"dell’erogatore.",
			"Only you can end this suspension; if others have taken the calls by then, it will take the producer’s approval."))
	}
	return append(all, office.T("Solo tu potrai togliere questa sospensione: il fruitore non può.",
		"Only you can end this suspension: the consumer cannot."))
}

func (s *sight) unsuspendWords() []office.Text {
	p := &s.Purpose
	if p.SuspendedByConsumer && p.SuspendedByProducer {
		if s.AsProducer {
			return []office.Text{office.T("Togli la tua sospensione. La finalità resta sospesa finché anche il fruitore non la riattiva.",
				"Your suspension ends. The purpose stays suspended until the consumer reactivates it, too.")}
		}
		return []office.Text{office.T("Togli la tua sospensione. La finalità resta sospesa finché anche l’erogatore non la riattiva.",
			"Your suspension ends. The purpose stays suspended until the producer reactivates it, too.")}
	}
	if !s.AsConsumer {
		return []office.Text{office.T("La finalità torna attiva subito, anche oltre le soglie, e i client collegati ottengono di nuovo voucher.",
			"The purpose is active again at once, also above the thresholds, and linked clients obtain vouchers again.")}
	}
	if c := p.Current; s.Load != nil && c != nil && !s.Load.fits(c.DailyCalls) {
		return append([]office.Text{office.Tf(
			"Le sue %d chiamate al giorno non rientrano più nelle soglie: resta sospesa, e la riattivazione attende l’approvazione dell’erogatore.",
			"Its %d calls a day no longer fit the thresholds: it stays suspended, and its reactivation waits for the producer’s approval.",
			c.DailyCalls)},
			s.Load.sayOver(c.DailyCalls)...)
	}
	return []office.Text{office.T(
		"Le sue chiamate rientrano nelle soglie: la finalità torna attiva subito e i client collegati ottengono di nuovo voucher.",
		"Its calls fit the thresholds: the purpose is active again at once, and linked clients obtain vouchers again.")}
}

func (s *sight) archiveWords() []office.Text {
	all := []office.Text{office.T(
		"Non si può annullare. I client collegati non ottengono più voucher per questa finalità; le loro chiavi restano valide per le altre.",
		"This cannot be undone. Linked clients obtain no more vouchers for this purpose; their keys stay valid for other purposes.")}
	switch calls := s.Purpose.Counted(); {
	case calls > 0 && s.Load != nil:
		all = append(all, office.Tf(
			"Tornano disponibili %d chiamate al giorno: il carico del fruitore passa da %d a %d, quello di tutti da %d a %d.",
			"%d calls a day become available again: the consumer’s load goes from %d to %d, that of all consumers from %d to %d.",
			calls, s.Load.Consumer, s.Load.Consumer-calls, s.Load.Total, s.Load.Total-calls))
	case calls > 0:
		all = append(all, office.Tf("Tornano disponibili %d chiamate al giorno.", "%d calls a day become available again.", calls))
	default:
		all = append(all, office.T("È sospesa, quindi adesso non impegna chiamate.", "It is suspended, so it takes up no calls now."))
	}
	if w := s.Purpose.Waiting; w != nil {
		all = append(all, office.Tf("Decade anche la stima in attesa, di %d.", "The estimate that waits, of %d, lapses as well.", w.DailyCalls))
	}
	return append(all, office.T("Potrai sempre creare una nuova finalità, anche uguale.",
		"You can always create a new purpose, even an identical one."))
}

func (s *sight) takeBackWords() []office.Text {
	all := []office.Text{office.T("L’erogatore non la vede più fra quelle da decidere.",
		"The producer no longer finds it among those to decide.")}
	if c := s.Purpose.Current; c != nil {
		all = append(all, office.Tf("Resta la stima di %d chiamate al giorno.", "The estimate of %d calls a day stays.", c.DailyCalls))
	}
	return append(all, office.T("Potrai inviarne un’altra in ogni momento.", "You can send another one at any time."))
}

func (s *sight) deleteWords() []office.Text {
	if s.Purpose.Waiting != nil {
		return []office.Text{office.T(
			"La richiesta viene ritirata e la finalità cancellata con tutti i suoi dati; resta solo la storia. Non si può annullare.",
			"The request is taken back and the purpose is deleted with all its data; its history alone stays. This cannot be undone.")}
	}
	return []office.Text{office.T("La bozza viene cancellata con tutti i suoi dati. Non si può annullare.",
		"The draft is deleted with all its data. This cannot be undone.")}
}
