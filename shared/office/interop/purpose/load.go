package purpose

import (
	"net/url"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
)

// load is the load of a consumer and of all consumers on an e-service, with the
// thresholds of their agreement.
type load struct {
	Consumer    int64 `json:"consumerLoad"`
	Total       int64 `json:"totalLoad"`
	PerConsumer int64 `json:"dailyCallsPerConsumer"`
	InTotal     int64 `json:"dailyCallsTotal"`
}

// readLoad reads the load of an agreement; nil when it is not in use.
func readLoad(v *office.Visit, agreementID string) (*load, error) {
	var load load
	err := v.API(m2m.Product).Get("/agreements/"+url.PathEscape(agreementID)+"/load", nil, &load)
	if err == nil {
		return &load, nil
	}
	return nil, optional(err)
}

// over returns by how much more calls a day exceed each threshold, 0 where they fit.
func (l *load) over(more int64) (consumer, total int64) {
	return max(0, l.Consumer+more-l.PerConsumer), max(0, l.Total+more-l.InTotal)
}

// fits reports whether more calls a day exceed no threshold.
func (l *load) fits(more int64) bool {
	consumer, total := l.over(more)
	return consumer == 0 && total == 0
}

// Free returns the most calls a day that fit both thresholds on top of the load.
func (l *load) Free() int64 { return max(0, min(l.PerConsumer-l.Consumer, l.InTotal-l.Total)) }

// bars returns the load against both thresholds, with more calls a day on top of it. Fewer
// calls are taken away from the load.
func (l *load) bars(consumer string, more int64) []office.Bar {
	less := min(0, more)
	return []office.Bar{
		{
			Label: office.Tf("Soglia per fruitore (%s), chiamate al giorno", "Threshold for the consumer (%s), calls a day", consumer),
			Load:  max(0, l.Consumer+less), Planned: max(0, more), Limit: l.PerConsumer,
		},
		{
			Label: office.T("Soglia totale, per tutti i fruitori, chiamate al giorno", "Threshold for all consumers, calls a day"),
			Load:  max(0, l.Total+less), Planned: max(0, more), Limit: l.InTotal,
		},
	}
}

// callsADay writes a number of calls a day.
func callsADay(n int64) office.Text {
	if n == 1 {
		return office.T("1 chiamata al giorno", "1 call a day")
	}
	return office.Tf("%d chiamate al giorno", "%d calls a day", n)
}

// sayOver says which thresholds more calls a day exceed, and by how much.
func (l *load) sayOver(more int64) []office.Text {
	var all []office.Text
	consumer, total := l.over(more)
	if consumer > 0 {
		all = append(all, office.Tf(
			"Supera la soglia per fruitore di %s: sarebbero %d su %d.",
			"It exceeds the threshold for the consumer by %s: they would be %d of %d.", callsADay(consumer), l.Consumer+more, l.PerConsumer))
	}
	if total > 0 {
		all = append(all, office.Tf(
			"Supera la soglia totale di %s: sarebbero %d su %d.",
			"It exceeds the threshold for all consumers by %s: they would be %d of %d.", callsADay(total), l.Total+more, l.InTotal))
	}
	return all
}

// verdict says, before they are sent, whether calls a day fit the thresholds or wait.
type verdict struct {
	Calls int64
	Fits  bool
	Lines []office.Text // why
	Bars  []office.Bar
}

// Tone returns the tone of the message.
func (p *verdict) Tone() string {
	if p.Fits {
		return "success"
	}
	return "warning"
}

// verdict says whether calls a day fit, of which so many count already. Fewer calls than
// those in use are accepted in any case.
func (l *load) verdict(consumer string, calls, counted, inUse int64) *verdict {
	more := calls - counted
	v := &verdict{Calls: calls, Fits: l.fits(more) || calls < inUse, Bars: l.bars(consumer, more)}
	switch {
	case l.fits(more):
		v.Lines = []office.Text{office.Tf("%d chiamate al giorno rientrano in entrambe le soglie: non serve un’approvazione.",
			"%d calls a day fit both thresholds: no approval is needed.", calls)}
	case v.Fits:
		v.Lines = []office.Text{office.Tf(
			"%d chiamate al giorno sono meno di quelle in uso: valgono subito, anche se il carico supera una soglia.",
			"%d calls a day are fewer than those in use: they apply at once, though the load exceeds a threshold.", calls)}
	default:
		v.Lines = append([]office.Text{office.Tf(
			"%d chiamate al giorno non rientrano nelle soglie: dovrai attendere l’approvazione dell’erogatore.",
			"%d calls a day do not fit the thresholds: you will have to wait for the producer’s approval.", calls)}, l.sayOver(more)...)
	}
	return v
}
