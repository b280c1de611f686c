package purpose_test

import (
	"fmt"
	"strings"

	"ciclo/shared/interop/interoptest"
	"ciclo/shared/interop/purpose"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/apitest"
)

// cell is a purpose in a setup of the matrix.
type cell struct {
	path, setup string
	of          *api.Identity
}

// stateIn is the state of a purpose in a setup, as refusals say it.
func stateIn(setup string) string {
	switch first, _, _ := strings.Cut(setup, "+"); first {
	case "WAITING", "R":
		return "WAITING_FOR_APPROVAL"
	case "A":
		return "ACTIVE"
	case "C", "P", "CP":
		return "SUSPENDED"
	case "X":
		return "ARCHIVED"
	default:
		return first
	}
}

// setUp makes a purpose in that setup, on an e-service where the consumer may
// plan 25 calls a day.
func (w *world) setUp(of *api.Identity, setup string) cell {
	w.Helper()
	o := w.publish(25, 1000)
	w.SubmitAgreement(of, o)
	first, also, _ := strings.Cut(setup, "+")
	switch first {
	case "DRAFT":
		return cell{w.DraftPurpose(of, o, 5), setup, of}
	case "WAITING":
		return cell{w.ActivatePurpose(of, o, 30), setup, of}
	case "REJECTED":
		return cell{w.rejectedPurpose(of, o, 30), setup, of}
	case "R":
		c := cell{w.rejectedPurpose(of, o, 31), setup, of}
		w.createVersion(of, c.path, 30)
		return c
	}
	c := cell{w.ActivatePurpose(of, o, 4), setup, of}
	w.createVersion(of, c.path, 5)
	if strings.Contains(also, "R") {
		w.createVersion(of, c.path, map[bool]int{true: 31, false: 30}[also == "R+W"])
		w.act(producer, c.path, "reject")
	}
	if strings.HasPrefix(first, "C") || of == producer && first == "P" {
		w.act(of, c.path, "suspend")
	}
	if also == "r" {
		w.ActivatePurpose(of, o, 25) // which leaves nothing
		w.act(of, c.path, "unsuspend")
	}
	if strings.HasSuffix(first, "P") && of != producer {
		w.act(producer, c.path, "suspend")
	}
	if strings.HasSuffix(also, "W") {
		w.createVersion(of, c.path, 30)
	}
	if stateIn(setup) == "ARCHIVED" {
		w.act(of, c.path, "archive")
	}
	return c
}

// rejectedPurpose makes a purpose and has its first version rejected.
func (w *world) rejectedPurpose(of *api.Identity, o offer, calls int) string {
	w.Helper()
	path := w.ActivatePurpose(of, o, calls)
	w.act(producer, path, "reject")
	return path
}

// outcomeOf describes a purpose of a setup as the matrix does.
func outcomeOf(setup string) string {
	switch setup {
	case "DRAFT", "WAITING", "REJECTED", "ACTIVE", "ARCHIVED":
		return map[string]string{"DRAFT": "D5", "WAITING": "W30", "REJECTED": "R30", "ACTIVE": "A5", "ARCHIVED": "X5"}[setup]
	case "A+R+W":
		return "A5+W30"
	case "R+W":
		return "W30"
	}
	first, also, _ := strings.Cut(setup, "+")
	parts := "S5" + first
	if first == "A" || first == "X" {
		parts = first + "5"
	}
	return parts + map[string]string{"": "", "W": "+W30", "r": "+W5", "R": "+R30"}[also]
}

var shortly = strings.NewReplacer("DRAFT ", "D", "WAITING_FOR_APPROVAL ", "W", "ACTIVE ", "A", "SUSPENDED ", "S", "REJECTED ", "R",
	"ARCHIVED ", "X", " by Consumer", "C", " by Producer", "P", ", ", "+")

// briefly describes a purpose as the matrix does.
func briefly(p object) string { return shortly.Replace(describe(p)) }

// versionIDs are the ids of a purpose's versions, as the matrix calls them.
func (w *world) versionIDs(c cell) map[string]string {
	w.Helper()
	ids := map[string]string{"delUnknown": interoptest.UnknownID()}
	for _, v := range interoptest.Results(w.OK(c.of, "GET", c.path+"/versions", "")) {
		switch id := fmt.Sprint(v["id"]); {
		case v["state"] == "WAITING_FOR_APPROVAL":
			ids["delWaiting"] = id
		case v["state"] == "REJECTED":
			ids["delRejected"] = id
		case v["dailyCalls"] == 4.0:
			ids["delPast"] = id
		default:
			ids["delCurrent"] = id
		}
	}
	return ids
}

var callers = map[string]*api.Identity{"consumer": consumer, "producer": producer, "stranger": stranger}

// send sends the request of a row.
func (w *world) send(caller *api.Identity, c cell, action string) apitest.Response {
	w.Helper()
	switch action {
	case "above", "below", "same":
		return w.As(caller, "POST", c.path+"/versions",
			fmt.Sprintf(`{"dailyCalls":%d}`, map[string]int{"above": 40, "below": 7, "same": 5}[action]))
	case "expect":
		return w.As(caller, "PUT", c.path+"/expectedActivationDate", `{"date":"9999-12-31"}`)
	case "update":
		return w.As(caller, "PATCH", c.path, `{"dailyCalls":6}`)
	case "delete":
		return w.As(caller, "DELETE", c.path, "")
	case "clone":
		return w.As(caller, "POST", c.path+"/clone", interoptest.JSON(object{"eserviceId": w.OK(c.of, "GET", c.path, "").Text("eserviceId")}))
	}
	if strings.HasPrefix(action, "del") {
		return w.As(caller, "DELETE", c.path+"/versions/"+w.versionIDs(c)[action], "")
	}
	return w.tryAct(caller, c.path, action)
}

// requests makes purposes on an e-service where a consumer may plan 25 calls a day,
// and a request for each operation.
func (w *world) requests() map[string]interoptest.Request {
	w.Helper()
	o := w.publish(25, 1000)
	agreement := w.SubmitAgreement(consumer, o)
	active := w.ActivatePurpose(consumer, o, 1)
	waiting := func() string { return w.ActivatePurpose(consumer, o, 30) }
	held := w.ActivatePurpose(consumer, o, 1)
	w.act(consumer, held, "suspend")
	changed := w.ActivatePurpose(consumer, o, 1)
	w.createVersion(consumer, changed, 30)
	all := w.Requests(map[string]interoptest.Request{
		"purpose/list":              {As: consumer, At: "/purposes?limit=2&offset=0"},
		"purpose/create":            {As: consumer, At: "/purposes", Body: interoptest.JSON(interoptest.PurposeSeed(o, 1))},
		"purpose/get":               {As: consumer, At: active},
		"purpose/update":            {As: consumer, At: w.DraftPurpose(consumer, o, 1), Body: `{"dailyCalls":2}`},
		"purpose/delete":            {As: consumer, At: w.DraftPurpose(consumer, o, 1)},
		"purpose/list-versions":     {As: consumer, At: active + "/versions?limit=2"},
		"purpose/create-version":    {As: consumer, At: w.ActivatePurpose(consumer, o, 1) + "/versions", Body: `{"dailyCalls":2}`},
		"purpose/get-version":       {As: consumer, At: changed + "/versions/" + w.versionIDs(cell{changed, "", consumer})["delCurrent"]},
		"purpose/delete-version":    {As: consumer, At: changed + "/versions/" + w.versionIDs(cell{changed, "", consumer})["delWaiting"]},
		"purpose/activate":          {As: consumer, At: w.DraftPurpose(consumer, o, 1) + "/activate", Body: "{}"},
		"purpose/approve":           {As: producer, At: waiting() + "/approve", Body: "{}"},
		"purpose/reject":            {As: producer, At: waiting() + "/reject", Body: bodyOf("reject")},
		"purpose/expect-activation": {As: producer, At: waiting() + "/expectedActivationDate", Body: `{"date":"9999-12-31"}`},
		"purpose/suspend":           {As: consumer, At: w.ActivatePurpose(consumer, o, 1) + "/suspend", Body: "{}"},
		"purpose/unsuspend":         {As: consumer, At: held + "/unsuspend", Body: "{}"},
		"purpose/archive":           {As: consumer, At: w.ActivatePurpose(consumer, o, 1) + "/archive"},
		"purpose/clone": {
			As: consumer, At: w.ActivatePurpose(consumer, o, 1) + "/clone",
			Body: interoptest.JSON(object{"eserviceId": o.ID}),
		},
		"purpose/allowed-actions":       {As: consumer, At: active + "/allowedActions"},
		"purpose/threshold-check":       {As: consumer, At: waiting() + "/thresholdCheck"},
		"purpose/history":               {As: consumer, At: active + "/history?limit=2"},
		"purpose/get-agreement":         {As: consumer, At: active + "/agreement"},
		"purpose/remaining-daily-calls": {As: consumer, At: active + "/remainingDailyCalls"},
		"agreement/list-purposes":       {As: consumer, At: agreement + "/purposes?limit=2"},
		"agreement/load":                {As: consumer, At: agreement + "/load"},
		"eservice/load":                 {As: producer, At: "/eservices/" + o.ID + "/load?limit=2"},
	})
	interoptest.Equal(w.TB, "requests", len(all), len(purpose.Operations()))
	return all
}

// purposeOf is the path of the purpose that a request is about.
func purposeOf(r interoptest.Request) string {
	path, _, _ := strings.Cut(r.At, "?")
	return strings.Join(strings.Split(path, "/")[:3], "/")
}

// replacing are one row and another one where there was something.
func replacing(row, other, something string) []string {
	if something == "" {
		return []string{row}
	}
	return []string{row, other}
}
