package purpose_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/anishathalye/porcupine"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
)

// How many consumers there are, and how many purposes each has.
const (
	users  = 3
	apiece = 2
)

// threshold is one e-service as arithmetic: what is active, suspended or waits of each
// purpose, and the limits. It is a value, so that two are compared by ==.
type threshold struct {
	purposes           [users * apiece]worth
	perConsumer, total int
}

// worth is a purpose: its calls in use, those that wait, and how.
type worth struct {
	state   string // DRAFT, ACTIVE, SUSPENDED or ARCHIVED; "" while the first request waits
	calls   int
	waiting int  // calls, 0 for none
	resumes bool // whether what waits takes the suspension back
}

// command is a call of a client.
type command struct {
	what               string
	purpose            int
	calls              int // of an estimate
	perConsumer, total int // of a change of the limits
}

func (t threshold) load(consumer int) (mine, all int) {
	for i, p := range t.purposes {
		if p.state == "ACTIVE" {
			all += p.calls
			if i/apiece == consumer {
				mine += p.calls
			}
		}
	}
	return mine, all
}

// exceeds returns the limits that more calls would exceed.
func (t threshold) exceeds(purpose, more int) string {
	mine, all := t.load(purpose / apiece)
	var parts []string
	if mine+more > t.perConsumer {
		parts = append(parts, "CONSUMER")
	}
	if all+more > t.total {
		parts = append(parts, "TOTAL")
	}
	return strings.Join(parts, " ")
}

// does returns the e-service after a call, and the answer.
func (t threshold) does(in command) (threshold, string) {
	p := &t.purposes[in.purpose]
	switch in.what {
	case "quotas":
		t.perConsumer = in.perConsumer
		t.total = in.total
		return t, "200"
	case "remaining of the consumer":
		mine, _ := t.load(in.purpose / apiece)
		return t, fmt.Sprint(max(0, t.perConsumer-mine))
	case "remaining of all":
		_, all := t.load(in.purpose / apiece)
		return t, fmt.Sprint(max(0, t.total-all))
	case "activate":
		if p.state != "DRAFT" {
			return t, interop.NoPurposeVersionInState.Name
		}
		return t.starts(in.purpose)
	case "estimate":
		return t.estimates(in.purpose, in.calls)
	case "unsuspend":
		return t.unsuspends(in.purpose)
	}
	switch {
	case p.state == "":
		return t, interop.NoCurrentPurposeVersion.Name
	case p.state != "ACTIVE" && p.state != "SUSPENDED":
		return t, interop.PurposeVersionNotInState.Name
	case in.what == "archive":
		p.state = "ARCHIVED"
		p.waiting = 0
		p.resumes = false
	default:
		p.state = "SUSPENDED"
		p.resumes = false
	}
	return t, p.String()
}

func (p *worth) String() string {
	if p.state == "" {
		return fmt.Sprint("+", p.waiting)
	}
	if p.waiting == 0 {
		return fmt.Sprint(p.state, p.calls)
	}
	return fmt.Sprint(p.state, p.calls, "+", p.waiting)
}

// starts returns the e-service after a draft is activated, and the answer.
func (t threshold) starts(purpose int) (threshold, string) {
	p := &t.purposes[purpose]
	exceeded := t.exceeds(purpose, p.calls)
	if exceeded == "" {
		p.state = "ACTIVE"
		return t, p.String()
	}
	*p = worth{waiting: p.calls}
	return t, p.String() + " " + exceeded
}

func (t threshold) estimates(purpose, calls int) (threshold, string) {
	p := &t.purposes[purpose]
	switch {
	case p.state == "ARCHIVED":
		return t, interop.PurposeNotUpdatable.Name
	case (p.state == "ACTIVE" || p.state == "SUSPENDED") && p.calls == calls:
		return t, interop.UnchangedDailyCalls.Name
	case p.state == "DRAFT" || p.waiting > 0:
		return t, interop.PurposeVersionStateConflict.Name
	}
	more := calls
	if p.state == "ACTIVE" {
		more -= p.calls
	}
	if exceeded := t.exceeds(purpose, more); calls > p.calls && exceeded != "" {
		p.waiting = calls
		return t, fmt.Sprint("WAITING_FOR_APPROVAL", calls, " ", exceeded)
	}
	p.calls = calls
	return t, fmt.Sprint(p.state, calls)
}

func (t threshold) unsuspends(purpose int) (threshold, string) {
	p := &t.purposes[purpose]
	if p.state != "SUSPENDED" {
		return t, interop.NoPurposeVersionInState.Name
	}
	exceeded := t.exceeds(purpose, p.calls)
	switch {
	case exceeded == "":
		if p.state = "ACTIVE"; p.resumes { // needs no approval
			p.waiting = 0
			p.resumes = false
		}
		return t, p.String()
	case p.resumes: // it waits already
		return t, p.String() + " asked"
	}
	p.waiting = p.calls
	p.resumes = true
	return t, p.String() + " " + exceeded
}

// arithmetic is the e-service as porcupine sees it.
func arithmetic(begin threshold) porcupine.Model {
	return porcupine.Model{
		Init: func() any { return begin },
		Step: func(state, input, output any) (bool, any) {
			t, _ := state.(threshold)
			in, _ := input.(command)
			next, answer := t.does(in)
			if got, ok := output.(string); strings.HasSuffix(answer, " asked") {
				// The reason is that of the first request.
				return ok && strings.HasPrefix(got, strings.TrimSuffix(answer, "asked")), next
			}
			return answer == output, next
		},
		DescribeOperation: func(input, output any) string { return fmt.Sprint(input, " -> ", output) },
	}
}

// TestLinear records the calls and answers of concurrent clients of one e-service, and finds
// an order in which the calls, one after the other, get the same answers.
func TestLinear(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		rounds := 12
		calls := 10
		if w.small() {
			rounds = 1
			calls = 5
		}
		for seed := range rounds {
			w.linear(uint64(seed), calls)
		}
		w.checkConsistent()
	})
}

// linear lets six clients make calls, that many each.
func (w *world) linear(seed uint64, calls int) {
	w.Helper()
	const clients = 6
	random := rand.New(rand.NewPCG(seed, 6))
	begin := threshold{perConsumer: 8, total: 14}
	o := w.publish(begin.perConsumer, begin.total)
	var callers [users]*api.Identity
	for i := range callers {
		callers[i] = []*api.Identity{consumer, other, stranger}[i]
		w.SubmitAgreement(callers[i], o)
	}
	var paths [users * apiece]string
	for i := range paths {
		begin.purposes[i] = worth{state: "DRAFT", calls: 1 + random.IntN(6)}
		paths[i] = w.DraftPurpose(callers[i/apiece], o, begin.purposes[i].calls)
	}
	var clock atomic.Int64
	var mu sync.Mutex
	var history []porcupine.Operation
	var running sync.WaitGroup
	for client := range clients {
		random := rand.New(rand.NewPCG(seed, uint64(100+client)))
		running.Go(func() {
			for range calls {
				in := picks(random)
				called := clock.Add(1)
				out := w.run(callers[in.purpose/apiece], o, paths[in.purpose], in)
				returned := clock.Add(1)
				mu.Lock()
				history = append(history, operations(client, in, called, out, returned)...)
				mu.Unlock()
			}
		})
	}
	running.Wait()
	w.checkLinear(begin, history)
}

// checkLinear checks that an order of the calls explains all answers.
func (w *world) checkLinear(begin threshold, history []porcupine.Operation) {
	w.Helper()
	if result := porcupine.CheckOperationsTimeout(arithmetic(begin), history, time.Minute); result != porcupine.Ok {
		w.Errorf("no order explains this (%s), from %+v:", result, begin)
		for _, op := range history {
			w.Logf("%d-%d %+v -> %s", op.Call, op.Return, op.Input, op.Output)
		}
	}
}

// operations is a call as porcupine sees it. What remains is two reads: of the consumer,
// and of all; they are read together, but not as of one moment.
func operations(client int, in command, called int64, out string, returned int64) []porcupine.Operation {
	if in.what != "remaining" {
		return []porcupine.Operation{{ClientId: client, Input: in, Call: called, Output: out, Return: returned}}
	}
	var all []porcupine.Operation
	for i, what := range []string{"remaining of the consumer", "remaining of all"} {
		one := in
		one.what = what
		all = append(all, porcupine.Operation{ClientId: client, Input: one, Call: called, Output: strings.Fields(out)[i], Return: returned})
	}
	return all
}

// picks returns a random call.
func picks(random *rand.Rand) command {
	in := command{purpose: random.IntN(users * apiece)}
	switch random.IntN(12) {
	case 0:
		in.what = "quotas"
		in.perConsumer = 4 + random.IntN(6)
		in.total = 10 + random.IntN(8)
	case 1, 2:
		in.what = "remaining"
	case 3, 4, 5:
		in.what = "activate"
	case 6, 7:
		in.what = "suspend"
	case 8, 9:
		in.what = "unsuspend"
	case 10:
		in.what = "estimate"
		in.calls = 1 + random.IntN(9)
	case 11:
		in.what = []string{"archive", "remaining", "activate"}[random.IntN(3)]
	}
	return in
}

// run makes a call and returns the answer in short.
func (w *world) run(caller *api.Identity, o offer, path string, in command) string {
	w.Helper()
	switch in.what {
	case "quotas":
		return interoptest.Answered(w.As(producer, "PATCH", o.Path()+"/quotas",
			fmt.Sprintf(`{"dailyCallsPerConsumer":%d,"dailyCallsTotal":%d}`, in.perConsumer, in.total)))
	case "remaining":
		res := w.As(caller, "GET", path+"/remainingDailyCalls", "")
		return fmt.Sprint(res.Body["remainingDailyCallsPerConsumer"], " ", res.Body["remainingDailyCallsTotal"])
	case "estimate":
		res := w.As(caller, "POST", path+"/versions", fmt.Sprintf(`{"dailyCalls":%d}`, in.calls))
		if interoptest.CodeOf(res) != "" {
			return interoptest.CodeOf(res)
		}
		return fmt.Sprint(res.Body["state"], res.Body["dailyCalls"]) + exceededBy(res.Body)
	}
	res := w.tryAct(caller, path, in.what)
	if interoptest.CodeOf(res) != "" {
		return interoptest.CodeOf(res)
	}
	parts := ""
	if v, _ := res.Body["currentVersion"].(object); v != nil {
		parts = fmt.Sprint(v["state"], v["dailyCalls"])
	}
	if v, _ := res.Body["waitingForApprovalVersion"].(object); v != nil {
		parts += fmt.Sprint("+", v["dailyCalls"])
		if in.what == "activate" || in.what == "unsuspend" && !strings.HasPrefix(parts, "ACTIVE") { // other commands decide nothing
			parts += exceededBy(v)
		}
	}
	return parts
}

// exceededBy returns the limits that a version waits for.
func exceededBy(v object) string {
	c, _ := v["thresholdCheck"].(object)
	all, _ := c["exceeded"].([]any)
	parts := ""
	for _, which := range all {
		parts += fmt.Sprint(" ", which)
	}
	return parts
}
