package eservice

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"ciclo/shared/office"
	"ciclo/shared/office/interop/m2m"
	"ciclo/shared/office/interop/published"
)

// TestActionsOfDescriptorsHaveWords: every action that the API lists for a descriptor or an
// e-service is offered, as one without words is not shown.
func TestActionsOfDescriptorsHaveWords(t *testing.T) {
	t.Parallel()
	platform := []string{"create", "supersede", "retire"} // of nobody, or of the e-service
	var known []string
	for _, a := range descriptorActions {
		known = append(known, a.name)
		if a.button.IT == "" || a.button.EN == "" || a.page == "" && (a.done.IT == "" || a.done.EN == "" || a.method == "") {
			t.Errorf("the action %s has no words", a.name)
		}
	}
	known = append(known, requirementActions...)
	names := published.Matches(t, "../../../interop/eservice/rules.go", `action\w+ +lifecycle.Action = "(\w+)"`)
	for _, name := range names {
		if !slices.Contains(known, name) && !slices.Contains(platform, name) {
			t.Errorf("the action %s has no words", name)
		}
	}
	for _, name := range known {
		if !slices.Contains(names, name) {
			t.Errorf("the API has no action %s", name)
		}
	}
	ofEService := append(published.Matches(t, "../../../interop/eservice/actions.go", `(?:\{|lifecycle.Action = )"(\w+)"`), "update")
	for _, e := range edits {
		if !slices.Contains(ofEService, e.action) {
			t.Errorf("the API has no action %s", e.action)
		}
		ofEService = slices.DeleteFunc(ofEService, func(name string) bool { return name == e.action })
	}
	if want := []string{"createDescriptor"}; !slices.Equal(ofEService, want) { // the page of the e-service has it
		t.Errorf("no page edits by %v, want %v left", ofEService, want)
	}
}

// TestAfterPublication: the question says of each older version what becomes of it.
func TestAfterPublication(t *testing.T) {
	t.Parallel()
	version := func(number, state string, inUse int64) olderDescriptor {
		return olderDescriptor{&descriptor{Version: number, State: state}, inUse}
	}
	f := &descriptorFacts{Older: []olderDescriptor{version("1", "PUBLISHED", 0), version("2", "SUSPENDED", 3), version("3", "PUBLISHED", 4)}}
	words := f.afterPublication()
	for _, want := range []string{
		"Version 1 is not in use: it becomes Archived, for good.", "Version 2 stays Suspended; agreements that use it: 3.",
		"Version 3 becomes Deprecated, and those who use it continue (agreements in use: 4).",
	} {
		if !strings.Contains(words.EN, want) {
			t.Errorf("%q is not in %q", want, words.EN)
		}
	}
	for _, want := range []string{"versione 1 non è in uso: diventa Archiviata", "versione 2 resta Sospesa", "versione 3 diventa Deprecata"} {
		if !strings.Contains(words.IT, want) {
			t.Errorf("%q is not in %q", want, words.IT)
		}
	}
}

// TestMembers: a form becomes the body that the API takes; what is no number stays as it was
// typed, and what is left out is not sent.
func TestMembers(t *testing.T) {
	t.Parallel()
	fields := []*office.Field{
		{Name: "name", Value: "Residents", Required: true},
		{Name: "description", Required: true},
		{Name: "personalData"},
		{Name: "asyncExchange", Value: "false"},
		{Name: "isSignalHubEnabled", Value: "true"},
		{Name: "isConsumerDelegable"},
		{Name: "descriptor.audience", Value: "a"},
		{Name: "descriptor.description"},
		{Name: "descriptor.voucherLifespan", Value: "60"},
		{Name: "descriptor.dailyCallsTotal", Value: "many"},
		{Name: seenField, Kind: "hidden", Value: "{}"},
	}
	const want = `{"asyncExchange":false,"description":"","descriptor":{"audience":["a"],"dailyCallsTotal":"many","voucherLifespan":60},` +
		`"isSignalHubEnabled":true,"name":"Residents"}`
	if got, err := json.Marshal(m2m.Members(fields, isBlank)); err != nil || string(got) != want {
		t.Errorf("%s %v, want %s", got, err, want)
	}
	const whole = `{"asyncExchange":false,"isConsumerDelegable":false,"isSignalHubEnabled":true,"personalData":null}`
	if got, err := json.Marshal(m2m.Members(fields[2:6], func(*office.Field) bool { return false })); err != nil || string(got) != whole {
		t.Errorf("%s %v, want %s", got, err, whole)
	}
}

// TestAgainst: new thresholds are compared with the loads that they apply to, not with those
// of other versions, nor of consumers that have a threshold of their own.
func TestAgainst(t *testing.T) {
	t.Parallel()
	f := &descriptorFacts{
		facts: &facts{EService: &eservice{}, Load: &load{Total: 90, Results: []consumerLoad{
			{ConsumerID: "one", DescriptorID: "d", Load: 50, PerConsumer: 100},
			{ConsumerID: "two", DescriptorID: "d", Load: 30, PerConsumer: 35},
			{ConsumerID: "three", DescriptorID: "older", Load: 10, PerConsumer: 100},
		}}},
		Descriptor: &descriptor{ID: "d", DailyCallsPerConsumer: 100, DailyCallsTotal: 1000},
	}
	form := quotasForm.form(f)
	form.Field("dailyCallsPerConsumer").Value, form.Field("dailyCallsTotal").Value = "40", "80"
	var got []int64
	for _, l := range f.against(form) {
		got = append(got, l.Bar.Load, l.Bar.Limit, l.Bar.Exceeded())
	}
	if want := []int64{90, 80, 10, 50, 40, 10, 30, 35, 0}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestSuspensionLifetime: the question says for how long vouchers stay valid, with the
// separators of the language.
func TestSuspensionLifetime(t *testing.T) {
	t.Parallel()
	f := &descriptorFacts{Descriptor: &descriptor{Version: "1", VoucherLifespan: 86_400}}
	question, words := f.ask("suspend")
	if !strings.Contains(words.IT, "al massimo 1.440 minuti") || !strings.Contains(words.EN, "at most 1,440 minutes") {
		t.Errorf("the lifetime is not in %+v", words)
	}
	if question != office.T("Sospendere la versione 1?", "Suspend version 1?") {
		t.Errorf("the question is %+v", question)
	}
}
