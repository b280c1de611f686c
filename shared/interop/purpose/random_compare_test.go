package purpose_test

import (
	"fmt"
	"strings"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
)

// checkPurpose compares the versions and the history of a purpose with the model.
func (r *run) checkPurpose(p *planned) {
	r.Helper()
	caller := consumerOf(p)
	path := "/purposes/" + p.id
	var rows []string
	for _, row := range interoptest.Results(r.OK(caller, "GET", path+"/history?limit=50", "")) {
		actor, _ := row["actor"].(object)
		text := func(name string) string { s, _ := row[name].(string); return s }
		rows = append(rows, fmt.Sprintf("%s %v %s-%s %v", row["action"], actor["side"], text("from"), text("to"), row["dailyCalls"]))
	}
	if got, want := strings.Join(rows, "\n"), strings.Join(p.history[:min(50, len(p.history))], "\n"); got != want {
		r.Fatalf("history of %s\n%s\nthe model says\n%s\n%s", p.id, got, want, r.story(p.id))
	}
	if len(p.versions) == 0 {
		return // deleted
	}
	all := interoptest.Results(r.OK(caller, "GET", path+"/versions", ""))
	for i, v := range p.versions {
		if i >= len(all) || fmt.Sprint(all[i]["state"], all[i]["dailyCalls"]) != fmt.Sprint(v.state, float64(v.calls)) ||
			checkOf(all[i]) != v.check || len(all) != len(p.versions) {
			r.Fatalf("versions of %s are %v\nthe model says of version %d %+v\n%s", p.id, all, i, *v, r.story(p.id))
		}
		p.ids[i], _ = all[i]["id"].(string)
	}
}

// checkOf returns the thresholdCheck of a version, in short.
func checkOf(v object) string {
	c, _ := v["thresholdCheck"].(object)
	if c == nil {
		return ""
	}
	return fmt.Sprintf("%v: %v of %v, %v of %v %v", c["requested"], c["consumerLoad"], c["dailyCallsPerConsumer"], c["totalLoad"],
		c["dailyCallsTotal"], c["exceeded"])
}

// story returns what was done to a purpose and to the e-service.
func (r *run) story(about string) string {
	id := strings.TrimPrefix(about, "/purposes/")
	id = id[:min(36, len(id))]
	var lines []string
	for _, line := range r.log {
		if strings.Contains(line, id) || strings.Contains(line, " by ") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// compare compares all purposes, the loads and the remaining calls with the model.
func (r *run) compare() {
	r.Helper()
	shownAs := map[string]string{}
	for _, caller := range parties {
		for _, p := range interoptest.Results(r.OK(caller, "GET", "/purposes?consumerIds="+caller.Subject, "")) {
			shownAs[fmt.Sprint(p["id"])] = describe(p)
		}
	}
	if len(shownAs) != len(r.model.all) {
		r.Fatalf("%d purposes, the model has %d\n%s", len(shownAs), len(r.model.all), strings.Join(r.log, "\n"))
	}
	for _, p := range r.model.all {
		if shownAs[p.id] != p.String() {
			r.Fatalf("%s is %s, the model says %s\n%s", p.id, shownAs[p.id], p, r.story(p.id))
		}
	}
	_, total := r.model.load("")
	interoptest.Equal(r.TB, "the load", r.OK(producer, "GET", "/eservices/"+r.offers[0].ID+"/load", "").Body["totalLoad"], any(float64(total)))
	r.checkFitting()
	if len(r.model.all) > 0 {
		r.checkRemainingOf(r.model.all[r.random.IntN(len(r.model.all))])
	}
	r.checkConsistent()
	if r.Failed() {
		r.Fatal(strings.Join(r.log, "\n"))
	}
}

// checkRemainingOf compares the remaining calls of a purpose with the model.
func (r *run) checkRemainingOf(p *planned) {
	r.Helper()
	caller := consumerOf(p)
	res := r.As(caller, "GET", "/purposes/"+p.id+"/remainingDailyCalls", "")
	if !r.model.joined(p.consumer) {
		r.Refused(res, interop.PurposeWithoutAgreement)
		return
	}
	mine, all := r.model.load(p.consumer)
	perConsumer, total := r.model.limits(p.consumer)
	interoptest.Equal(r.TB, "what remains", fmt.Sprint(res.Body["remainingDailyCallsPerConsumer"], res.Body["remainingDailyCallsTotal"]),
		fmt.Sprint(float64(max(0, perConsumer-mine)), float64(max(0, total-all))))
}

// checkFitting compares fitsNow of the versions that wait with the model.
func (r *run) checkFitting() {
	r.Helper()
	fits := map[string]any{}
	for _, p := range interoptest.Results(r.OK(producer, "GET", "/purposes?states=WAITING_FOR_APPROVAL", "")) {
		v, _ := p["waitingForApprovalVersion"].(object)
		fits[fmt.Sprint(p["id"])] = v["fitsNow"]
	}
	for _, p := range r.model.all {
		v := p.newest("WAITING_FOR_APPROVAL")
		if v == nil {
			interoptest.Equal(r.TB, "fitsNow of "+p.id, fits[p.id], nil)
			continue
		}
		more := v.calls
		if old := p.newest("ACTIVE"); old != nil {
			more -= old.calls
		}
		switch j := r.model.joints[p.consumer]; {
		case j == nil:
			interoptest.Equal(r.TB, "fitsNow of "+p.id, fits[p.id], any(false))
		case !j.suspended:
			interoptest.Equal(r.TB, "fitsNow of "+p.id, fits[p.id], any(r.model.check(p.consumer, v.calls, more) == ""))
		}
	}
}
