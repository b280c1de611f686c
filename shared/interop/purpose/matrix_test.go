package purpose_test

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/interop/purpose"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
)

func TestMachineIsSound(t *testing.T) {
	t.Parallel()
	if err := purpose.Machine.Check(); err != nil {
		t.Error(err)
	}
}

// The tables of the matrix: what each action leads to from each setup, or the number of the
// code that refuses it, as published.
//
// A version is described by its state (D draft, W waiting, A active, S suspended, R
// rejected, X archived) and its calls a day, then the sides that suspend the purpose (C
// the consumer, P the producer): "S5C+W30". Setups with r have a version that waits for
// the end of the consumer's suspension, R+W and A+R+W one that was rejected before another
// waited. An outcome that ends with = changes nothing. The consumer may plan 25 calls a
// day; above plans 40, below 7, same the 5 of most setups. A dot is for an action that has
// no object.
var (
	//go:embed testdata/matrix.txt
	moves string
	// ownMoves is for a purpose of the producer on its own e-service.
	//go:embed testdata/own_matrix.txt
	ownMoves string
)

// Actions that a refusal allows in several setups.
const (
	decides      = "approve reject setExpectedActivationDate"
	whileActive  = "clone createVersion suspend archive"
	whileWaiting = "clone deleteVersion suspend archive"
)

// allowances is what a refusal because of the state allows, by setup: to the consumer, to
// the producer, and to one that is both.
var allowances = map[string][3]string{
	"DRAFT":    {"update delete activate", "", "update delete activate"},
	"WAITING":  {"clone delete", decides, "clone delete " + decides},
	"ACTIVE":   {whileActive, "suspend", whileActive},
	"A+W":      {whileWaiting, decides + " suspend", "clone deleteVersion " + decides + " suspend archive"},
	"C":        {"clone createVersion suspend unsuspend archive", "suspend unsuspend", ""},
	"P":        {whileActive, "suspend unsuspend", "clone createVersion suspend unsuspend archive"},
	"C+W":      {"clone deleteVersion suspend unsuspend archive", decides + " suspend unsuspend", ""},
	"P+W":      {whileWaiting, decides + " suspend unsuspend", "clone deleteVersion " + decides + " suspend unsuspend archive"},
	"REJECTED": {"clone createVersion", "", "clone createVersion"},
	"ARCHIVED": {"", "", ""},
	"R+W":      {"clone deleteVersion", decides, "clone deleteVersion " + decides},
}

// alike are the setups that allow what another does.
var alike = map[string]string{"CP": "C", "C+r": "C+W", "CP+r": "C+W", "P+r": "P+W", "A+R": "ACTIVE", "X+R": "ARCHIVED", "A+R+W": "A+W"}

// storedOf returns what is stored about a purpose, and all loads.
func (w *world) storedOf(c cell) map[table.Key]object {
	w.Helper()
	id := strings.TrimPrefix(c.path, "/purposes/")
	return w.Stored(func(key table.Key) bool {
		return strings.HasPrefix(key.PK, "LOAD#") || strings.HasPrefix(key.PK, "PURPOSE") && strings.Contains(key.PK+key.SK, id)
	})
}

// history returns the rows of a history: side, action, states and calls.
func (w *world) history(of *api.Identity, path string) (rows []string) {
	w.Helper()
	for _, row := range interoptest.Results(w.OK(of, "GET", path+"/history", "")) {
		actor, _ := row["actor"].(object)
		text := func(v any) any {
			if v == nil {
				return ""
			}
			return v
		}
		rows = append(rows, fmt.Sprintf("%v %v %v-%v %v", actor["side"], row["action"], text(row["from"]), text(row["to"]), row["dailyCalls"]))
	}
	return rows
}

// TestTransitionMatrix takes every action in every setup as every caller.
func TestTransitionMatrix(t *testing.T) {
	t.Parallel()
	matrix(t, moves, consumer)
}

// TestOwnTransitionMatrix is that of a producer that uses its own e-service.
func TestOwnTransitionMatrix(t *testing.T) {
	t.Parallel()
	matrix(t, ownMoves, producer)
}

// matrix takes the actions of a table, each setup in a world of its own.
func matrix(t *testing.T, table string, of *api.Identity) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(table), "\n")
	for column, setup := range strings.Fields(lines[0])[2:] {
		t.Run(setup, func(t *testing.T) {
			t.Parallel()
			run := embedded
			if of == consumer && setup == "A+W" { // where most is written
				run = each
			}
			run(t, func(w *world) {
				var c cell
				for _, line := range lines[1:] {
					words := strings.Fields(line)
					if c.path == "" {
						c = w.setUp(of, setup)
						interoptest.Equal(w.TB, "the setup", briefly(w.OK(of, "GET", c.path, "").Body), outcomeOf(setup))
					}
					if expected := words[2+column]; expected != "." && w.moved(c, words[0], words[1], expected) {
						c.path = "" // the action changed it
					}
				}
				w.checkConsistent()
			})
		})
	}
}

// moved takes one action and compares what is answered and stored with the table; it
// run whether that led out of the setup.
func (w *world) moved(c cell, action, by, expected string) bool {
	w.Helper()
	what := fmt.Sprintf("%s by the %s of what is %s", action, by, c.setup)
	before := w.storedOf(c)
	unchanged := func() {
		w.Helper()
		if diff := cmp.Diff(before, w.storedOf(c)); diff != "" {
			w.Errorf("%s changed what is stored (-before +after):\n%s", what, diff)
		}
	}
	if strings.Contains(expected, "-") {
		w.refusedAs(what, c, by, expected, w.send(callers[by], c, action))
		unchanged()
		return false
	}
	rows := w.history(c.of, c.path)
	res := w.send(callers[by], c, action)
	if res.Status/100 != 2 {
		w.Errorf("%s is refused: %s", what, res.Raw)
		return true
	}
	w.checkConsistent()
	if expected, same := strings.CutSuffix(expected, "="); same {
		interoptest.Equal(w.TB, what, briefly(res.Body), expected)
		unchanged()
		return false
	}
	added := happens(c, action, by, expected)
	switch {
	case expected == "gone":
		interoptest.Equal(w.TB, what, res.Raw, "{}\n")
		w.Refused(w.As(c.of, "GET", c.path, ""), interop.PurposeNotFound)
	case action == "clone":
		path := "/purposes/" + res.Text("id")
		interoptest.Equal(w.TB, what, briefly(res.Body), expected)
		interoptest.Equal(w.TB, what+": the new one", w.OK(c.of, "GET", path, "").Raw, res.Raw)
		interoptest.Equal(w.TB, what+": its history", strings.Join(w.history(c.of, path), ", "), added[0])
		unchanged()
		w.OK(c.of, "DELETE", path, "")
		return false
	default:
		seen := w.OK(c.of, "GET", c.path, "")
		interoptest.Equal(w.TB, what, briefly(seen.Body), expected)
		w.answered(what, action, seen, res)
	}
	if diff := cmp.Diff(slices.Concat(rows, added), w.history(c.of, c.path)); diff != "" {
		w.Errorf("%s: its history (-want +got):\n%s", what, diff)
	}
	return true
}

// answered looks at the body of an answer: what is read afterwards, or the version, or
// nothing.
func (w *world) answered(what, action string, seen, res apitest.Response) {
	w.Helper()
	switch action {
	case "above", "below", "same":
		v := seen.Body["waitingForApprovalVersion"]
		if v == nil {
			v = seen.Body["currentVersion"]
		}
		if diff := cmp.Diff(v, any(res.Body)); diff != "" {
			w.Errorf("%s answers another version (-read +answered):\n%s", what, diff)
		}
	case "delWaiting":
		interoptest.Equal(w.TB, what, res.Raw, "{}\n")
	default:
		interoptest.Equal(w.TB, what, seen.Raw, res.Raw)
	}
	waiting, _ := seen.Body["waitingForApprovalVersion"].(object)
	if action == "expect" {
		interoptest.Equal(w.TB, what, waiting["expectedActivationDate"], any("9999-12-31"))
	}
	if waiting != nil && waiting["thresholdCheck"] == nil {
		w.Errorf("%s: it waits and does not say why: %s", what, seen.Raw)
	}
}

// happens are the rows that an action adds to the history of what is in a setup.
func happens(c cell, action, by, expected string) []string {
	side := strings.ToUpper(by)
	if c.of == producer && action != "suspend" && action != "unsuspend" && action != "approve" && action != "reject" && action != "expect" {
		side = "CONSUMER" // of itself
	}
	const waits, calls = "WAITING_FOR_APPROVAL", 5
	inUse := ""
	waiting := 30
	if state := stateIn(c.setup); state == "ACTIVE" || state == "SUSPENDED" || action == "activate" {
		inUse = state
	}
	if strings.HasSuffix(c.setup, "r") {
		waiting = 5
	}
	to := map[byte]string{
		'D': "DRAFT", 'W': "WAITING_FOR_APPROVAL", 'A': "ACTIVE", 'S': "SUSPENDED", 'X': "ARCHIVED",
		'R': "REJECTED",
	}[expected[0]]
	row := func(side, action, from, to string, calls int) string {
		return fmt.Sprintf("%s %s %s-%s %d", side, action, from, to, calls)
	}
	switch action {
	case "update":
		return []string{row(side, action, "DRAFT", "DRAFT", 6)}
	case "clone":
		var n int
		_, _ = fmt.Sscan(expected[1:], &n)
		return []string{row(side, action, "", "DRAFT", n)}
	case "delete":
		return []string{row(side, action, stateIn(c.setup), "", map[bool]int{true: 5, false: 30}[c.setup == "DRAFT"])}
	case "delWaiting":
		return []string{row(side, "deleteVersion", waits, "", waiting)}
	case "reject":
		return []string{row(side, action, waits, "REJECTED", waiting)}
	case "expect":
		return []string{row(side, "setExpectedActivationDate", waits, waits, waiting)}
	case "approve":
		return replacing(row(side, action, waits, to, waiting), row("PLATFORM", "replace", inUse, "ARCHIVED", calls), inUse)
	case "above":
		return []string{row(side, "createVersion", "", waits, 40)}
	case "below":
		return replacing(row(side, "createVersion", "", to, 7), row("PLATFORM", "replace", inUse, "ARCHIVED", calls), inUse)
	case "same":
		return []string{row(side, "createVersion", "", to, 5)}
	case "archive":
		withdrawn := ""
		if last := c.setup[len(c.setup)-1]; last == 'W' || last == 'r' {
			withdrawn = row("PLATFORM", "withdraw", waits, "", waiting)
		}
		return replacing(row(side, action, inUse, to, calls), withdrawn, withdrawn)
	case "unsuspend":
		if c.setup == "CP+r" && by == "consumer" { // needs no decision any more
			return []string{row(side, action, inUse, to, calls), row("PLATFORM", "withdraw", waits, "", waiting)}
		}
	}
	return []string{row(side, action, inUse, to, calls)}
}

// refusedAs looks at the code of a refusal and, where the state is the reason, at what
// it allows to that side.
func (w *world) refusedAs(what string, c cell, by, code string, res apitest.Response) {
	w.Helper()
	interoptest.Equal(w.TB, what, interoptest.CodeOf(res), code)
	switch code {
	case interop.NoPurposeVersionInState.Name, interop.NoCurrentPurposeVersion.Name, interop.PurposeVersionNotInState.Name,
		interop.PurposeNotInDraftState.Name, interop.PurposeNotDeletable.Name, interop.PurposeNotClonable.Name,
		interop.PurposeVersionStateConflict.Name, interop.PurposeNotUpdatable.Name, interop.PurposeVersionNotDeletable.Name:
		setup := c.setup
		if other := alike[setup]; other != "" {
			setup = other
		}
		list := ""
		if side := slices.Index([]string{"consumer", "producer"}, by); c.of == producer && by == "producer" {
			list = allowances[setup][2]
		} else if side >= 0 {
			list = allowances[setup][side]
		}
		interoptest.Equal(w.TB, what+": its state", res.Text("state"), stateIn(c.setup))
		interoptest.Equal(w.TB, what+": it allows", fmt.Sprint(res.Body["allowedActions"]), "["+list+"]")
	default:
		interoptest.Equal(w.TB, what+": its state", res.Body["state"], nil)
		interoptest.Equal(w.TB, what+": it allows", res.Body["allowedActions"], nil)
	}
}

// TestResuming: what waits because of an unsuspension takes the place of what waited,
// once; a change of mind keeps it from lifting the suspension.
func TestResuming(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for _, of := range []*api.Identity{consumer, producer} {
			c := w.setUp(of, map[bool]string{true: "C+W", false: "P+W"}[of == consumer])
			var o offer
			o.ID = w.OK(of, "GET", c.path, "").Text("eserviceId")
			w.ActivatePurpose(of, o, 25)
			before := w.history(of, c.path)
			w.act(of, c.path, "unsuspend")
			side := "CONSUMER"
			held := "SUSPENDED 5 by Consumer"
			if of == producer {
				side = "PRODUCER"
				held = "SUSPENDED 5 by Producer"
			}
			interoptest.Equal(t, "above the threshold", w.describe(of, c.path), held+", WAITING_FOR_APPROVAL 5")
			stored := w.storedOf(c)
			w.act(of, c.path, "unsuspend")
			if diff := cmp.Diff(stored, w.storedOf(c)); diff != "" {
				t.Errorf("repeated (-before +after):\n%s", diff)
			}
			w.act(of, c.path, "suspend")
			w.act(producer, c.path, "approve")
			interoptest.Equal(t, "who thinks better of it", w.describe(of, c.path), held)
			rows := []string{
				"PLATFORM withdraw WAITING_FOR_APPROVAL- 30", side + " unsuspend -WAITING_FOR_APPROVAL 5", side + " suspend SUSPENDED-SUSPENDED 5",
				"PRODUCER approve WAITING_FOR_APPROVAL-SUSPENDED 5", "PLATFORM replace SUSPENDED-ARCHIVED 5",
			}
			if diff := cmp.Diff(slices.Concat(before, rows), w.history(of, c.path)); diff != "" {
				t.Errorf("its history (-want +got):\n%s", diff)
			}
		}
		w.checkConsistent()
	})
}
