package purpose_test

import (
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

// moves is what every action leads to in every situation, or the code of the refusal.
// A version is said by its state (D draft, W waiting, A active, S suspended, R
// rejected, X archived) and its calls a day, with who holds the purpose (C the
// consumer, P the producer): "S5C+W30". Situations with r have a version that waits
// because of the consumer's unsuspension, R+W and A+R+W one that was rejected before
// another waited. What ends with = is answered and changes nothing. The consumer may
// plan 25 calls a day; above asks for 40, below for 7, same for the 5 of most
// situations. A dot is for what there is not.
const moves = `
action      by       DRAFT    WAITING  ACTIVE   A+W      C        P        CP       C+W      P+W      C+r      CP+r     REJECTED A+R      ARCHIVED X+R      R+W      A+R+W
activate    consumer A5       017-0015 017-0015 017-0015 017-0015 017-0015 017-0015 017-0015 017-0015 017-0015 017-0015 017-0015 017-0015 017-0015 017-0015 017-0015 017-0015
activate    producer 004-0008 017-0015 017-0015 017-0015 017-0015 017-0015 017-0015 017-0015 017-0015 017-0015 017-0015 017-0015 017-0015 017-0015 017-0015 017-0015 017-0015
activate    stranger 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007
approve     consumer 017-0015 004-0010 017-0015 004-0010 017-0015 017-0015 017-0015 004-0010 004-0010 004-0010 004-0010 017-0015 017-0015 017-0015 017-0015 004-0010 004-0010
approve     producer 017-0015 A30      017-0015 A30      017-0015 017-0015 017-0015 S30C     S30P     A5       S5P      017-0015 017-0015 017-0015 017-0015 A30      A30
approve     stranger 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007
reject      consumer 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010
reject      producer 004-0011 R30      004-0011 A5+R30   004-0011 004-0011 004-0011 S5C+R30  S5P+R30  S5C+R5   S5CP+R5  004-0011 004-0011 004-0011 004-0011 R30      A5+R30
reject      stranger 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010
expect      consumer 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010
expect      producer 004-0011 W30      004-0011 A5+W30   004-0011 004-0011 004-0011 S5C+W30  S5P+W30  S5C+W5   S5CP+W5  004-0011 004-0011 004-0011 004-0011 W30      A5+W30
expect      stranger 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010
suspend     consumer 004-0011 017-0016 S5C      S5C+W30  S5C=     S5CP     S5CP=    S5C+W30= S5CP+W30 S5C+W5   S5CP+W5  017-0016 S5C+R30  004-0011 004-0011 017-0016 S5C+W30
suspend     producer 004-0011 017-0016 S5P      S5P+W30  S5CP     S5P=     S5CP=    S5CP+W30 S5P+W30= S5CP+W5  S5CP+W5= 017-0016 S5P+R30  004-0011 004-0011 017-0016 S5P+W30
suspend     stranger 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007
unsuspend   consumer 017-0015 017-0015 017-0015 017-0015 A5       004-0007 S5P      A5+W30   004-0007 S5C+W5=  S5P      017-0015 017-0015 017-0015 017-0015 017-0015 017-0015
unsuspend   producer 017-0015 017-0015 017-0015 017-0015 S5C=     A5       S5C      S5C+W30= A5+W30   S5C+W5=  S5C+W5   017-0015 017-0015 017-0015 017-0015 017-0015 017-0015
unsuspend   stranger 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007
archive     consumer 004-0011 017-0016 X5       X5       X5C      X5P      X5CP     X5C      X5P      X5C      X5CP     017-0016 X5+R30   004-0011 004-0011 017-0016 X5+R31
archive     producer 004-0008 017-0016 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 017-0016 004-0008 004-0008 004-0008 017-0016 004-0008
archive     stranger 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007
update      consumer D6       004-0015 004-0015 004-0015 004-0015 004-0015 004-0015 004-0015 004-0015 004-0015 004-0015 004-0015 004-0015 004-0015 004-0015 004-0015 004-0015
update      producer 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008
update      stranger 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007
delete      consumer gone     gone     004-0017 004-0017 004-0017 004-0017 004-0017 004-0017 004-0017 004-0017 004-0017 004-0017 004-0017 004-0017 004-0017 004-0017 004-0017
delete      producer 004-0008 004-0008 004-0017 004-0017 004-0017 004-0017 004-0017 004-0017 004-0017 004-0017 004-0017 004-0017 004-0017 004-0017 004-0017 004-0017 004-0017
delete      stranger 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008
clone       consumer 004-0020 D30      D5       D5       D5       D5       D5       D5       D5       D5       D5       D30      D30      004-0020 004-0020 D31      D31
clone       producer 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008
clone       stranger 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007
above       consumer 004-0025 004-0025 A5+W40   004-0025 S5C+W40  S5P+W40  S5CP+W40 004-0025 004-0025 004-0025 004-0025 W40      A5+W40   004-0030 004-0030 004-0025 004-0025
below       consumer 004-0025 004-0025 A7       004-0025 S7C      S7P      S7CP     004-0025 004-0025 004-0025 004-0025 A7       A7       004-0030 004-0030 004-0025 004-0025
same        consumer 004-0025 004-0025 004-0023 004-0023 004-0023 004-0023 004-0023 004-0023 004-0023 004-0023 004-0023 A5       004-0023 004-0030 004-0030 004-0025 004-0023
above       producer 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0030 004-0030 004-0008 004-0008
above       stranger 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008
delWaiting  consumer .        004-0009 .        A5       .        .        .        S5C      S5P      S5C      S5CP     .        .        .        .        R31      A5+R31
delWaiting  producer .        004-0008 .        004-0008 .        .        .        004-0008 004-0008 004-0008 004-0008 .        .        .        .        004-0008 004-0008
delWaiting  stranger .        004-0008 .        004-0008 .        .        .        004-0008 004-0008 004-0008 004-0008 .        .        .        .        004-0008 004-0008
delCurrent  consumer 004-0009 .        004-0009 004-0009 004-0009 004-0009 004-0009 004-0009 004-0009 004-0009 004-0009 .        004-0009 004-0009 004-0009 .        004-0009
delPast     consumer .        .        004-0009 004-0009 004-0009 004-0009 004-0009 004-0009 004-0009 004-0009 004-0009 .        004-0009 004-0009 004-0009 .        004-0009
delRejected consumer .        .        .        .        .        .        .        .        .        .        .        004-0009 004-0009 .        004-0009 004-0009 004-0009
delUnknown  consumer 004-0005 004-0005 004-0005 004-0005 004-0005 004-0005 004-0005 004-0005 004-0005 004-0005 004-0005 004-0005 004-0005 004-0005 004-0005 004-0005 004-0005
delUnknown  producer 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008
delUnknown  stranger 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008
`

// ownMoves are those of a purpose of the producer on its own e-service, which holds it
// as the producer.
const ownMoves = `
action     by       DRAFT    WAITING  ACTIVE   A+W      P        P+W      P+r      REJECTED A+R      ARCHIVED X+R      R+W
activate   producer A5       017-0015 017-0015 017-0015 017-0015 017-0015 017-0015 017-0015 017-0015 017-0015 017-0015 017-0015
activate   stranger 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007
approve    producer 017-0015 A30      017-0015 A30      017-0015 S30P     A5       017-0015 017-0015 017-0015 017-0015 A30
approve    stranger 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007
reject     producer 004-0011 R30      004-0011 A5+R30   004-0011 S5P+R30  S5P+R5   004-0011 004-0011 004-0011 004-0011 R30
reject     stranger 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010
expect     producer 004-0011 W30      004-0011 A5+W30   004-0011 S5P+W30  S5P+W5   004-0011 004-0011 004-0011 004-0011 W30
expect     stranger 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010 004-0010
suspend    producer 004-0011 017-0016 S5P      S5P+W30  S5P=     S5P+W30= S5P+W5   017-0016 S5P+R30  004-0011 004-0011 017-0016
suspend    stranger 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007
unsuspend  producer 017-0015 017-0015 017-0015 017-0015 A5       A5+W30   S5P+W5=  017-0015 017-0015 017-0015 017-0015 017-0015
unsuspend  stranger 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007
archive    producer 004-0011 017-0016 X5       X5       X5P      X5P      X5P      017-0016 X5+R30   004-0011 004-0011 017-0016
archive    stranger 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007
update     producer D6       004-0015 004-0015 004-0015 004-0015 004-0015 004-0015 004-0015 004-0015 004-0015 004-0015 004-0015
update     stranger 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007
delete     producer gone     gone     004-0017 004-0017 004-0017 004-0017 004-0017 004-0017 004-0017 004-0017 004-0017 004-0017
delete     stranger 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008
clone      producer 004-0020 D30      D5       D5       D5       D5       D5       D30      D30      004-0020 004-0020 D31
clone      stranger 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007 004-0007
above      producer 004-0025 004-0025 A5+W40   004-0025 S5P+W40  004-0025 004-0025 W40      A5+W40   004-0030 004-0030 004-0025
above      stranger 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008 004-0008
below      producer 004-0025 004-0025 A7       004-0025 S7P      004-0025 004-0025 A7       A7       004-0030 004-0030 004-0025
delWaiting producer .        004-0009 .        A5       .        S5P      S5P      .        .        .        .        R31
delWaiting stranger .        004-0008 .        004-0008 .        004-0008 004-0008 .        .        .        .        004-0008
delCurrent producer 004-0009 .        004-0009 004-0009 004-0009 004-0009 004-0009 .        004-0009 004-0009 004-0009 .
delPast    producer .        .        004-0009 004-0009 004-0009 004-0009 004-0009 .        004-0009 004-0009 004-0009 .
`

// allowances is what a refusal for the state lists, by situation: to the consumer, the
// producer, and who is both.
var allowances = map[string][3]string{
	"DRAFT":    {"update delete activate", "", "update delete activate"},
	"WAITING":  {"clone delete", "approve reject setExpectedActivationDate", "clone delete approve reject setExpectedActivationDate"},
	"ACTIVE":   {"clone createVersion suspend archive", "suspend", "clone createVersion suspend archive"},
	"A+W":      {"clone deleteVersion suspend archive", "approve reject setExpectedActivationDate suspend", "clone deleteVersion approve reject setExpectedActivationDate suspend archive"},
	"C":        {"clone createVersion suspend unsuspend archive", "suspend unsuspend", ""},
	"P":        {"clone createVersion suspend archive", "suspend unsuspend", "clone createVersion suspend unsuspend archive"},
	"C+W":      {"clone deleteVersion suspend unsuspend archive", "approve reject setExpectedActivationDate suspend unsuspend", ""},
	"P+W":      {"clone deleteVersion suspend archive", "approve reject setExpectedActivationDate suspend unsuspend", "clone deleteVersion approve reject setExpectedActivationDate suspend unsuspend archive"},
	"REJECTED": {"clone createVersion", "", "clone createVersion"},
	"ARCHIVED": {"", "", ""},
	"R+W":      {"clone deleteVersion", "approve reject setExpectedActivationDate", "clone deleteVersion approve reject setExpectedActivationDate"},
}

// alike are the situations that allow what another does.
var alike = map[string]string{"CP": "C", "C+r": "C+W", "CP+r": "C+W", "P+r": "P+W", "A+R": "ACTIVE", "X+R": "ARCHIVED", "A+R+W": "A+W"}

// touching is what is stored about a purpose and the loads of everybody.
func (w *world) touching(c cell) map[table.Key]object {
	w.Helper()
	id := strings.TrimPrefix(c.path, "/purposes/")
	return w.Stored(func(key table.Key) bool {
		return strings.HasPrefix(key.PK, "LOAD#") || strings.HasPrefix(key.PK, "PURPOSE") && strings.Contains(key.PK+key.SK, id)
	})
}

// happened are the rows of a history: who did what to which version.
func (w *world) happened(of *api.Identity, path string) (rows []string) {
	w.Helper()
	for _, row := range interoptest.Results(w.ok(of, "GET", path+"/history", "")) {
		actor, _ := row["actor"].(object)
		said := func(v any) any {
			if v == nil {
				return ""
			}
			return v
		}
		rows = append(rows, fmt.Sprintf("%v %v %v-%v %v", actor["side"], row["action"], said(row["from"]), said(row["to"]), row["dailyCalls"]))
	}
	return rows
}

// TestTransitionMatrix takes every action in every situation as everybody.
func TestTransitionMatrix(t *testing.T) {
	t.Parallel()
	matrix(t, moves, consumer)
}

// TestOwnTransitionMatrix is that of a producer that uses its own e-service.
func TestOwnTransitionMatrix(t *testing.T) {
	t.Parallel()
	matrix(t, ownMoves, producer)
}

// matrix takes the actions of a table, each situation in a world of its own.
func matrix(t *testing.T, table string, of *api.Identity) {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(table), "\n")
	for column, situation := range strings.Fields(lines[0])[2:] {
		t.Run(situation, func(t *testing.T) {
			t.Parallel()
			run := embedded
			if of == consumer && situation == "A+W" { // where most is written
				run = each
			}
			run(t, func(w *world) {
				var c cell
				for _, line := range lines[1:] {
					words := strings.Fields(line)
					if c.path == "" {
						c = w.situated(of, situation)
						want(w.TB, "the situation", brief(w.ok(of, "GET", c.path, "").Body), shownIn(situation))
					}
					if expected := words[2+column]; expected != "." && w.moved(c, words[0], words[1], expected) {
						c.path = "" // it led out of the situation
					}
				}
				w.consistent()
			})
		})
	}
}

// moved takes one action and compares what is answered and stored with the table; it
// tells whether that led out of the situation.
func (w *world) moved(c cell, action, by, expected string) bool {
	w.Helper()
	what := fmt.Sprintf("%s by the %s of what is %s", action, by, c.situation)
	before := w.touching(c)
	unchanged := func() {
		w.Helper()
		if diff := cmp.Diff(before, w.touching(c)); diff != "" {
			w.Errorf("%s changed what is stored (-before +after):\n%s", what, diff)
		}
	}
	if strings.Contains(expected, "-") {
		w.refusedAs(what, c, by, expected, w.attempts(callers[by], c, action))
		unchanged()
		return false
	}
	rows := w.happened(c.of, c.path)
	res := w.attempts(callers[by], c, action)
	if res.Status/100 != 2 {
		w.Errorf("%s is refused: %s", what, res.Raw)
		return true
	}
	w.consistent()
	if expected, same := strings.CutSuffix(expected, "="); same {
		want(w.TB, what, brief(res.Body), expected)
		unchanged()
		return false
	}
	added := happens(c, action, by, expected)
	switch {
	case expected == "gone":
		want(w.TB, what, res.Raw, "{}\n")
		w.Refused(w.As(c.of, "GET", c.path, ""), interop.PurposeNotFound)
	case action == "clone":
		path := "/purposes/" + res.Text("id")
		want(w.TB, what, brief(res.Body), expected)
		want(w.TB, what+": the new one", w.ok(c.of, "GET", path, "").Raw, res.Raw)
		want(w.TB, what+": its history", strings.Join(w.happened(c.of, path), ", "), added[0])
		unchanged()
		w.ok(c.of, "DELETE", path, "")
		return false
	default:
		seen := w.ok(c.of, "GET", c.path, "")
		want(w.TB, what, brief(seen.Body), expected)
		w.answered(what, action, seen, res)
	}
	if diff := cmp.Diff(slices.Concat(rows, added), w.happened(c.of, c.path)); diff != "" {
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
		want(w.TB, what, res.Raw, "{}\n")
	default:
		want(w.TB, what, seen.Raw, res.Raw)
	}
	waiting, _ := seen.Body["waitingForApprovalVersion"].(object)
	if action == "expect" {
		want(w.TB, what, waiting["expectedActivationDate"], any("9999-12-31"))
	}
	if waiting != nil && waiting["thresholdCheck"] == nil {
		w.Errorf("%s: it waits and does not say why: %s", what, seen.Raw)
	}
}

// happens are the rows that an action adds to the history of what is in a situation.
func happens(c cell, action, by, expected string) []string {
	side := strings.ToUpper(by)
	if c.of == producer && action != "suspend" && action != "unsuspend" && action != "approve" && action != "reject" && action != "expect" {
		side = "CONSUMER" // of itself
	}
	const waits, calls = "WAITING_FOR_APPROVAL", 5
	inUse, waiting := "", 30
	if state := stateIn(c.situation); state == "ACTIVE" || state == "SUSPENDED" || action == "activate" {
		inUse = state
	}
	if strings.HasSuffix(c.situation, "r") {
		waiting = 5
	}
	to := map[byte]string{'D': "DRAFT", 'W': "WAITING_FOR_APPROVAL", 'A': "ACTIVE", 'S': "SUSPENDED", 'X': "ARCHIVED", 'R': "REJECTED"}[expected[0]]
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
		return []string{row(side, action, stateIn(c.situation), "", map[bool]int{true: 5, false: 30}[c.situation == "DRAFT"])}
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
		if last := c.situation[len(c.situation)-1]; last == 'W' || last == 'r' {
			withdrawn = row("PLATFORM", "withdraw", waits, "", waiting)
		}
		return replacing(row(side, action, inUse, to, calls), withdrawn, withdrawn)
	case "unsuspend":
		if c.situation == "CP+r" && by == "consumer" { // nobody needs to decide about that any more
			return []string{row(side, action, inUse, to, calls), row("PLATFORM", "withdraw", waits, "", waiting)}
		}
	}
	return []string{row(side, action, inUse, to, calls)}
}

// refusedAs looks at the code of a refusal and, where the state is the reason, at what
// it allows to that side.
func (w *world) refusedAs(what string, c cell, by, code string, res apitest.Response) {
	w.Helper()
	want(w.TB, what, interoptest.CodeOf(res), code)
	switch code {
	case "017-0015", "017-0016", "004-0011", "004-0015", "004-0017", "004-0020", "004-0025", "004-0030", "004-0009":
		situation := c.situation
		if other := alike[situation]; other != "" {
			situation = other
		}
		list := ""
		if side := slices.Index([]string{"consumer", "producer"}, by); c.of == producer && by == "producer" {
			list = allowances[situation][2]
		} else if side >= 0 {
			list = allowances[situation][side]
		}
		want(w.TB, what+": its state", res.Text("state"), stateIn(c.situation))
		want(w.TB, what+": it allows", fmt.Sprint(res.Body["allowedActions"]), "["+list+"]")
	default:
		want(w.TB, what+": its state", res.Body["state"], nil)
		want(w.TB, what+": it allows", res.Body["allowedActions"], nil)
	}
}

// TestResuming: what waits because of an unsuspension takes the place of what waited,
// once; a change of mind keeps it from lifting the suspension.
func TestResuming(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for _, of := range []*api.Identity{consumer, producer} {
			c := w.situated(of, map[bool]string{true: "C+W", false: "P+W"}[of == consumer])
			var o offer
			o.id = w.ok(of, "GET", c.path, "").Text("eserviceId")
			w.submits(of, o, 25)
			before := w.happened(of, c.path)
			w.does(of, c.path, "unsuspend")
			side, held := "CONSUMER", "SUSPENDED 5 by Consumer"
			if of == producer {
				side, held = "PRODUCER", "SUSPENDED 5 by Producer"
			}
			want(t, "above the threshold", w.state(of, c.path), held+", WAITING_FOR_APPROVAL 5")
			stored := w.touching(c)
			w.does(of, c.path, "unsuspend")
			if diff := cmp.Diff(stored, w.touching(c)); diff != "" {
				t.Errorf("asked again (-before +after):\n%s", diff)
			}
			w.does(of, c.path, "suspend")
			w.does(producer, c.path, "approve")
			want(t, "who thinks better of it", w.state(of, c.path), held)
			rows := []string{
				"PLATFORM withdraw WAITING_FOR_APPROVAL- 30", side + " unsuspend -WAITING_FOR_APPROVAL 5", side + " suspend SUSPENDED-SUSPENDED 5",
				"PRODUCER approve WAITING_FOR_APPROVAL-SUSPENDED 5", "PLATFORM replace SUSPENDED-ARCHIVED 5",
			}
			if diff := cmp.Diff(slices.Concat(before, rows), w.happened(of, c.path)); diff != "" {
				t.Errorf("its history (-want +got):\n%s", diff)
			}
		}
		w.consistent()
	})
}
