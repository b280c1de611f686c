package operator

import (
	"slices"
	"strconv"
	"time"

	"golang.org/x/sync/errgroup"

	"ciclo/shared/office"
)

// overview is what the page shows. Sections of products that are not deployed are nil.
type overview struct {
	Alerts        []alert
	Purge         *purgeSection
	Ledger        bool // whether there is one
	Queues        []queue
	Subscriptions *subscriptionSection
}

// purgeSection is how the purge does, or why that cannot be read.
type purgeSection struct {
	purge
	Refusal *office.Refusal
}

// purge is how the purge does (consumers, PurgeStatus).
type purge struct {
	LastRun              *lastRun `json:"lastRun"`
	LastStartedAt        string   `json:"lastStartedAt"`
	RunningUntil         string   `json:"runningUntil"`
	OldestOverdueSeconds int64    `json:"oldestOverdueSeconds"`
	OldestUnfinishedDay  string   `json:"oldestUnfinishedDay"`
}

// lastRun is the last run that ended.
type lastRun struct {
	StartedAt string `json:"startedAt"`
	EndedAt   string `json:"endedAt"`
	By        string `json:"by"`
	Failed    bool   `json:"failed"`
	Report    report `json:"report"`
}

// report is the result of a run.
type report struct {
	Scanned             int64  `json:"scanned"`
	Deleted             int64  `json:"deleted"`
	Skipped             int64  `json:"skipped"`
	Done                bool   `json:"done"`
	OldestUnfinishedDay string `json:"oldestUnfinishedDay"`
}

// Chip returns how the run ended.
func (r lastRun) Chip() office.Chip {
	switch {
	case r.Failed:
		return office.Chip{Text: office.T("Non riuscita", "Failed"), Tone: "danger"}
	case !r.Report.Done:
		return office.Chip{Text: office.T("Interrotta per tempo", "Out of time"), Tone: "warning"}
	}
	return office.Chip{Text: office.T("Completa", "Complete"), Tone: "success"}
}

// Starter says what started the run.
func (r lastRun) Starter() office.Text {
	if r.By == "operator" {
		return office.T("un gestore", "an operator")
	}
	return office.T("la pianificazione oraria", "the hourly schedule")
}

// queue is a queue of dead letters.
type queue struct {
	product, name string
	Name, Means   office.Text
	Playbook      string

	Refusal *office.Refusal
	count
}

// count is how many messages a queue has (consumers and interop, DeadLetters).
type count struct {
	Exists  bool  `json:"exists"`
	Waiting int64 `json:"waiting"`
}

// Chip says whether something waits.
func (q queue) Chip() office.Chip {
	switch {
	case q.Refusal != nil:
		return office.Chip{Text: office.T("Non disponibile", "Not available"), Tone: "warning"}
	case !q.Exists:
		return office.Chip{Text: office.T("Qui non c’è una coda", "No queue here")}
	case q.Waiting > 0:
		return office.Chip{Text: office.T("Da guardare", "To be looked at"), Tone: "danger"}
	}
	return office.Chip{Text: office.T("Vuota", "Empty"), Tone: "success"}
}

// queues are the queues of dead letters of all products.
var queues = []queue{
	{
		product: consumers, name: "cascade", Playbook: "cascade-dead-letters",
		Name: office.T("Cancellazioni di consumatori", "Deletions of consumers"),
		Means: office.T("Il lavoratore ha rinunciato: un consumatore resta in cancellazione finché non si interviene.",
			"The worker gave up: a consumer stays in deletion until somebody acts."),
	},
	{
		product: consumers, name: "purge", Playbook: "purge-dead-letters",
		Name: office.T("Cancellazione programmata", "Purge"),
		Means: office.T("Un’esecuzione oraria non è partita o è fallita due volte. La successiva recupera il suo lavoro.",
			"An hourly run did not start, or failed twice. The next one does its work."),
	},
	{
		product: interop, name: "follow", Playbook: "agreements-behind",
		Name: office.T("Aggiornamento delle richieste di fruizione", "Updates of agreements"),
		Means: office.T("Il cambiamento di un attributo o di un e-service non ha ancora effetto su alcune richieste di fruizione.",
			"A change of an attribute or an e-service has no effect yet on some agreements."),
	},
}

// subscriptionSection is a page of the manage subscriptions, or why it cannot be read.
type subscriptionSection struct {
	List    *office.List
	Value   []subscription
	Refusal *office.Refusal
	NoKey   bool // the session has no key for that API
}

// subscription is who has manage keys (services, Subscription).
type subscription struct {
	ID        string   `json:"id"`
	Owner     string   `json:"owner"`
	Group     string   `json:"group"`
	Role      string   `json:"role"`
	Networks  []string `json:"networks"`
	State     string   `json:"state"`
	CreatedAt string   `json:"created_at"`
}

// Chip returns the state.
func (s subscription) Chip() office.Chip {
	if s.State == "active" {
		return office.Chip{Text: office.T("Attiva", "Active"), Tone: "success"}
	}
	return office.Chip{Text: office.Same(s.State), Tone: "warning"}
}

// RoleName returns the role in words.
func (s subscription) RoleName() office.Text {
	switch s.Role {
	case "reviewer":
		return office.T("Revisore", "Reviewer")
	case "operator":
		return office.T("Gestore", "Operator")
	}
	return office.T("Titolare di servizi", "Owner of services")
}

// pageSize is how many subscriptions the page shows.
const pageSize = 50

// show shows how the platform does.
func show(v *office.Visit) (*office.View, error) { return view(v) }

func view(v *office.Visit) (*office.View, error) {
	page, err := read(v)
	if err != nil {
		return nil, err
	}
	return &office.View{Template: "platform.html", Title: office.T("Piattaforma", "Platform"), Data: page}, nil
}

// read reads all sections at the same time.
func read(v *office.Visit) (*overview, error) {
	page := &overview{Ledger: v.Has(interop)}
	var calls []func() error
	if v.Has(consumers) {
		page.Purge = &purgeSection{}
		calls = append(calls, func() (err error) {
			page.Purge.Refusal, err = refused(v.API(consumers).Get("/platform/purge", nil, &page.Purge.purge))
			return err
		})
	}
	for _, q := range queues {
		if v.Has(q.product) {
			page.Queues = append(page.Queues, q)
		}
	}
	for i := range page.Queues {
		q := &page.Queues[i]
		calls = append(calls, func() (err error) {
			q.Refusal, err = refused(v.API(q.product).Get("/platform/deadLetters/"+q.name, nil, &q.count))
			return err
		})
	}
	if v.Has(services) {
		page.Subscriptions = &subscriptionSection{List: v.List(pageSize), NoKey: v.Session.Key == ""}
		if !page.Subscriptions.NoKey {
			calls = append(calls, func() error { return page.Subscriptions.read(v) })
		}
	}
	var group errgroup.Group
	for _, call := range calls {
		group.Go(call)
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	page.Alerts = page.alerts(v.Now())
	return page, nil
}

func (s *subscriptionSection) read(v *office.Visit) error {
	var answer struct {
		Value      []subscription `json:"value"`
		Pagination struct {
			Count int64 `json:"count"`
		} `json:"pagination"`
	}
	var err error
	s.Refusal, err = refused(v.API(services).Get("/api/v1/manage/subscriptions", s.List.Range(), &answer))
	s.Value, s.List.Total = answer.Value, answer.Pagination.Count
	return err
}

// run runs the purge, or counts what it would remove.
func run(v *office.Visit) (*office.View, error) {
	dry := v.Value("dryRun") == "true"
	var result report
	err := v.API(consumers).Send("POST", "/platform/purge", map[string]bool{"dryRun": dry}, &result)
	if err == nil {
		return v.Redirect("/platform#purge", result.words(dry)), nil
	}
	refusal, err := refused(err)
	if err != nil {
		return nil, err
	}
	shown, err := view(v)
	if err != nil {
		return nil, err
	}
	shown.Status, shown.Refusal = refusal.Status, refusal
	return shown, nil
}

// words says what a run did.
func (r report) words(dry bool) office.Text {
	n := strconv.FormatInt(r.Deleted, 10)
	switch {
	case dry && r.Done:
		return office.T("Prova: si cancellerebbero "+n+" operazioni. Non è stato cancellato niente.",
			"Dry run: "+n+" operations would be removed. Nothing was removed.")
	case dry:
		return office.T("Prova: si cancellerebbero più di "+n+" operazioni; il tempo non è bastato per contarle tutte.",
			"Dry run: more than "+n+" operations would be removed; there was no time to count all.")
	case r.Done:
		return office.T("Fatto: cancellate "+n+" operazioni. Nessuna operazione scaduta è rimasta.",
			"Done: "+n+" operations were removed. No expired operation is left.")
	}
	day := r.OldestUnfinishedDay
	return office.T(
		"Cancellate "+n+" operazioni; il tempo è finito prima della fine. La prossima esecuzione riprende dal "+day+": si può avviare subito.",
		n+" operations were removed; the time was up before the end. The next run continues at "+day+": it can be started at once.",
	)
}

// alert is something to act on.
type alert struct {
	Tone     string
	Text     office.Text
	Playbook string
}

// What is worth an alarm, as the alarms of a deployment have it (docs/playbooks).
const (
	overdueLimit = 24 * 60 * 60 // seconds
	silentLimit  = 26 * time.Hour
)

// alerts returns what to act on.
func (o *overview) alerts(now time.Time) []alert {
	var all []alert
	if o.isUnknown() {
		all = append(all, alert{"warning", office.T("Una parte non è leggibile: non si sa se c’è qualcosa da segnalare.",
			"A part cannot be read, so it is not known whether there is something to report."), "api-server-errors"})
	}
	if p := o.Purge; p != nil && p.Refusal == nil {
		if p.LastRun != nil && p.LastRun.Failed {
			all = append(all, alert{"danger", office.T("L’ultima esecuzione della cancellazione programmata non è riuscita.",
				"The last run of the purge failed."), "purge-dead-letters"})
		}
		if p.OldestOverdueSeconds > overdueLimit {
			all = append(all, alert{"danger", office.T("C’è un’operazione scaduta da più di un giorno e non ancora cancellata.",
				"An operation expired more than a day ago and was not removed yet."), "purge-overdue"})
		}
		if p.isSilent(now) {
			all = append(all, alert{"warning", office.T("Da più di 26 ore nessuna esecuzione della cancellazione programmata è riuscita.",
				"No run of the purge has succeeded for more than 26 hours."), "purge-silent"})
		}
	}
	for _, q := range o.Queues {
		if q.Waiting > 0 {
			n := strconv.FormatInt(q.Waiting, 10)
			all = append(all, alert{"danger", office.T(q.Name.IT+": in coda "+n+". "+q.Means.IT,
				q.Name.EN+": "+n+" in the queue. "+q.Means.EN), q.Playbook})
		}
	}
	return all
}

// isUnknown reports whether a part that alerts are about could not be read.
func (o *overview) isUnknown() bool {
	return o.Purge != nil && o.Purge.Refusal != nil || slices.ContainsFunc(o.Queues, func(q queue) bool { return q.Refusal != nil })
}

// isSilent reports whether the last run that ended did so long ago.
func (p *purge) isSilent(now time.Time) bool {
	if p.LastRun == nil {
		return false
	}
	ended, err := time.Parse(time.RFC3339Nano, p.LastRun.EndedAt)
	return err == nil && now.Sub(ended) > silentLimit
}
