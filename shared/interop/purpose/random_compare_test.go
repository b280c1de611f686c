package purpose_test

import (
	"fmt"
	"strings"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
)

// told holds the versions and the history of a purpose against the model.
func (r *run) told(p *planned) {
	r.Helper()
	who := consumerOf(p)
	path := "/purposes/" + p.id
	var rows []string
	for _, row := range interoptest.Results(r.OK(who, "GET", path+"/history?limit=50", "")) {
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
	all := interoptest.Results(r.OK(who, "GET", path+"/versions", ""))
	for i, v := range p.versions {
		if i >= len(all) || fmt.Sprint(all[i]["state"], all[i]["dailyCalls"]) != fmt.Sprint(v.state, float64(v.calls)) ||
			checkOf(all[i]) != v.check || len(all) != len(p.versions) {
			r.Fatalf("versions of %s are %v\nthe model says of version %d %+v\n%s", p.id, all, i, *v, r.story(p.id))
		}
		p.ids[i], _ = all[i]["id"].(string)
	}
}

// checkOf is why a version has to wait, in short.
func checkOf(v object) string {
	c, _ := v["thresholdCheck"].(object)
	if c == nil {
		return ""
	}
	return fmt.Sprintf("%v: %v of %v, %v of %v %v", c["requested"], c["consumerLoad"], c["dailyCallsPerConsumer"], c["totalLoad"],
		c["dailyCallsTotal"], c["exceeded"])
}

// story is what was done to a purpose and to what all stand on.
func (r *run) story(about string) string {
	id := strings.TrimPrefix(about, "/purposes/")
	id = id[:min(36, len(id))]
	var lines []string
	for _, line := range r.said {
		if strings.Contains(line, id) || strings.Contains(line, " by ") {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// compare holds all purposes, the load and what remains against the model.
func (r *run) compare() {
	r.Helper()
	shownAs := map[string]string{}
	for _, who := range parties {
		for _, p := range interoptest.Results(r.OK(who, "GET", "/purposes?consumerIds="+who.Subject, "")) {
			shownAs[fmt.Sprint(p["id"])] = describe(p)
		}
	}
	if len(shownAs) != len(r.model.all) {
		r.Fatalf("%d purposes, the model has %d\n%s", len(shownAs), len(r.model.all), strings.Join(r.said, "\n"))
	}
	for _, p := range r.model.all {
		if shownAs[p.id] != p.String() {
			r.Fatalf("%s is %s, the model says %s\n%s", p.id, shownAs[p.id], p, r.story(p.id))
		}
	}
	_, total := r.model.load("")
	interoptest.Equal(r.TB, "the load", r.OK(producer, "GET", "/eservices/"+r.offers[0].ID+"/load", "").Body["totalLoad"], any(float64(total)))
	r.fitting()
	if len(r.model.all) > 0 {
		r.remaining(r.model.all[r.random.IntN(len(r.model.all))])
	}
	r.checkConsistent()
	if r.Failed() {
		r.Fatal(strings.Join(r.said, "\n"))
	}
}

// remaining asks for what remains to the consumer of a purpose.
func (r *run) remaining(p *planned) {
	r.Helper()
	who := consumerOf(p)
	res := r.As(who, "GET", "/purposes/"+p.id+"/remainingDailyCalls", "")
	if !r.model.joined(p.consumer) {
		r.Refused(res, interop.PurposeWithoutAgreement)
		return
	}
	mine, all := r.model.load(p.consumer)
	perConsumer, total := r.model.limits(p.consumer)
	interoptest.Equal(r.TB, "what remains", fmt.Sprint(res.Body["remainingDailyCallsPerConsumer"], res.Body["remainingDailyCallsTotal"]),
		fmt.Sprint(float64(max(0, perConsumer-mine)), float64(max(0, total-all))))
}

// fitting holds what the producer reads of versions that wait against the model.
func (r *run) fitting() {
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
		case !j.held:
			interoptest.Equal(r.TB, "fitsNow of "+p.id, fits[p.id], any(r.model.check(p.consumer, v.calls, more) == ""))
		}
	}
}
