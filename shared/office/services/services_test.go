package services

import (
	"encoding/json"
	"reflect"
	"slices"
	"testing"

	"ciclo/shared/office"
)

const whole = `{"id":"01H","status":{"value":"draft"},"version":3,"last_update":"2026-01-01T00:00:00.000Z","name":"Anagrafe",
	"organization":{"name":"Comune","fiscal_code":"12345678901"},"authorized_cidrs":["192.0.2.1","192.0.2.0/24"],
	"require_secure_channel":false,"max_allowed_payment_amount":12345,"unknown":{"kept":[1]},
	"metadata":{"scope":"LOCAL","topic":{"id":11,"name":"Servizi anagrafici e civici"},"group_id":"g","token_name":"t"}}`

func read(t *testing.T, text string) (s sheet) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		t.Fatal(err)
	}
	return s
}

// TestPayload: an update sends everything that is stored, known or not, and nothing that the
// API adds. What was read stays as it is.
func TestPayload(t *testing.T) {
	t.Parallel()
	s := read(t, whole)
	want := read(t, `{"name":"Anagrafe","organization":{"name":"Comune","fiscal_code":"12345678901"},
		"authorized_cidrs":["192.0.2.1","192.0.2.0/24"],"require_secure_channel":false,"max_allowed_payment_amount":12345,
		"unknown":{"kept":[1]},"metadata":{"scope":"LOCAL","topic_id":11,"token_name":"t"}}`)
	if got := s.payload(); !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := s.payload().payload(); !reflect.DeepEqual(got, want) {
		t.Errorf("of a payload: %v", got)
	}
	if !reflect.DeepEqual(s, read(t, whole)) {
		t.Errorf("it changed what was read: %v", s)
	}
}

// TestTyped: a form that was sent untouched changes nothing.
func TestTyped(t *testing.T) {
	t.Parallel()
	s := read(t, whole)
	for step := range stepNames {
		if form := stepForm(s, step+1, nil); len(office.Diff(s.payload(), typed(s, form))) > 0 {
			t.Errorf("step %d changes %v", step+1, office.Diff(s.payload(), typed(s, form)))
		}
	}
	form := stepForm(s, 3, nil)
	form.Field("authorized_cidrs").Value = " 192.0.2.7 \r\n\r\n"
	form.Field("max_allowed_payment_amount").Value = ""
	form.Field("require_secure_channel").Value = "true"
	p := typed(s, form)
	if got := []any{p["authorized_cidrs"], p["max_allowed_payment_amount"], p["require_secure_channel"]}; !reflect.DeepEqual(got, []any{
		[]any{"192.0.2.7"}, 0.0, true,
	}) {
		t.Errorf("typed are %v", got)
	}
	form = stepForm(s, 1, nil)
	form.Field("metadata.topic_id").Value, form.Field("organization.department_name").Value = "", ""
	if p := typed(s, form); p.Text("metadata.topic_id") != "" || p.Text("metadata.token_name") != "t" {
		t.Errorf("metadata are %v", p["metadata"])
	}
}

// TestReasons: each line of a reason leads to the field that it names.
func TestReasons(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"metadata.privacy_url: the privacy notice is needed": "/services/01H/edit/2#f-metadata-privacy_url",
		"authorized_cidrs[1]: expected an IPv4 address":      "/services/01H/edit/3#f-authorized_cidrs",
		"metadata.topic: x":                                       "/services/01H/edit/1#f-metadata-topic_id",
		"La descrizione è incompleta.":                            "/services/01H/edit/1#f-description",
		"Manca il telefono":                                       "/services/01H/edit/2#f-metadata-phone",
		"Please set the privacy_url of the office":                "/services/01H/edit/2#f-metadata-privacy_url",
		"L’informativa sulla privacy non si apre":                 "/services/01H/edit/2#f-metadata-privacy_url",
		"Non è stato ricevuto il contratto":                       "",
		"Telefonate all’ufficio":                                  "/services/01H/edit/1#f-organization-department_name",
		"the sheet has <b>markup</b>: it is not needed, is it so": "",
	} {
		got := reasonsOf("01H", "\n"+line+"\n")
		if len(got) != 1 || got[0].Link != want {
			t.Errorf("%s: %+v, want a link to %q", line, got, want)
		}
	}
	if got := reasonsOf("01H", ""); got != nil {
		t.Errorf("no reason is %v", got)
	}
}

// TestDifferences: what differs is in the order of the form, each member once, and as the
// pages show it.
func TestDifferences(t *testing.T) {
	t.Parallel()
	before, after := read(t, whole), read(t, whole)
	after.set("metadata.topic", map[string]any{"id": 3.0, "name": "Benessere sociale"})
	after.set("metadata.phone", "1")
	after.set("metadata.token_name", nil)
	after.set("authorized_cidrs", []any{})
	after.set("name", "Anagrafe e stato civile")
	after.set("max_allowed_payment_amount", 1000000.0)
	var got []string
	for _, d := range withoutCeiling(differences(before, after)) {
		got = append(got, d.Label.EN+": "+d.Before.EN+" > "+d.After.EN)
	}
	if want := []string{
		"Name of the service: Anagrafe > Anagrafe e stato civile",
		"Topic: Servizi anagrafici e civici > Benessere sociale",
		"Telephone:  > 1",
		"Networks that the keys are used from: 192.0.2.1\n192.0.2.0/24 > ",
		"metadata.token_name: t > ",
	}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestEuro: amounts are stored in cents, and shown in euro.
func TestEuro(t *testing.T) {
	t.Parallel()
	for cents, want := range map[string]string{"0": "0,00 €", "5": "0,05 €", "12345": "123,45 €", "": ""} {
		if got := euro(cents).IT; got != want {
			t.Errorf("%s cents are %s, want %s", cents, got, want)
		}
	}
}

// TestEvents: every state of both records is an event of the history, in both languages.
func TestEvents(t *testing.T) {
	t.Parallel()
	for state := range states {
		if text := events["lifecycle "+state]; text.IT == "" || text.EN == "" {
			t.Errorf("%s has no event", state)
		}
	}
	for state := range visibilities {
		if text := events["publication "+state]; state != "" && (text.IT == "" || text.EN == "") {
			t.Errorf("%s has no event", state)
		}
	}
	newer := &historyItem{Version: 4, earlier: &historyItem{}}
	newer.Status.Kind, newer.Status.Value, newer.earlier.Status.Value = "lifecycle", "draft", "submitted"
	if got := newer.Event().EN; got != "Request for publication withdrawn" {
		t.Errorf("a withdrawal is %q", got)
	}
}
