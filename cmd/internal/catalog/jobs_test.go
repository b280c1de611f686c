package catalog_test

import (
	"maps"
	"strings"
	"testing"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/interop/voucher"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/hooked"
	"ciclo/shared/services/subscription"
)

// jobs are the functions that a payload starts.
var jobs = map[string]func(api.Deps) (api.JobHandler, error){
	retention.PurgeOperations.ID: retention.PurgeOperations.Start,
	subscription.Issue.ID:        subscription.Issue.Start,
	tenant.Expire.ID:             tenant.Expire.Start,
	voucher.AnswerKeys.ID:        voucher.AnswerKeys.Start,
}

// TestJobsAreAllThere finds a job that jobs lacks.
func TestJobsAreAllThere(t *testing.T) {
	t.Parallel()
	found := 0
	for _, f := range catalog.Functions() {
		if f.Kind == "Job" {
			found++
		}
	}
	if found != len(jobs) {
		t.Errorf("%d functions are jobs, %d are listed", found, len(jobs))
	}
}

// event is what a scheduler sends, with changes.
func event(changes map[string]string) string {
	members := map[string]string{
		"version": `"0"`, "id": `"53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa"`, "detail-type": `"Scheduled Event"`, "source": `"aws.events"`,
		"account": `"123456789012"`, "time": `"2015-10-08T16:53:06Z"`, "region": `"eu-south-1"`,
		"resources": `["arn:aws:events:eu-south-1:123456789012:rule/hourly"]`, "detail": `{}`,
	}
	maps.Copy(members, changes)
	var all []string
	for name, value := range members {
		if value != "" {
			all = append(all, `"`+name+`":`+value)
		}
	}
	return "{" + strings.Join(all, ",") + "}"
}

// TestJobsRefuseOtherPayloads sends every job what is not for it: it is refused before
// storage is asked. What is empty, or a scheduler's, is not refused as a payload.
func TestJobsRefuseOtherPayloads(t *testing.T) {
	t.Parallel()
	refused := []string{
		`{"dry_run":true}`, `{"DryRun":true}`, `{"dryrun":true}`, `{"dryRun":true,"force":true}`,
		`{"dryRun":"true"}`, `{"dryRun":1}`, `{"dryRun":null}`,
		`{"dryRun":true,"dryRun":false}`, `{"owner":"a","x":1}`, `{"Owner":"a"}`,
		`[]`, `[{}]`, `""`, `"purge"`, `0`, `1`, `true`, `false`, `{`, `{}{}`, `{}x`, "\x00", "{\"\xff\":1}",
		`{"Records":[]}`, `{"httpMethod":"POST","body":"{}"}`, `{"detail":{"dryRun":true}}`, `{"source":"aws.events"}`,
		event(map[string]string{"detail": `{"dryRun":true}`}), event(map[string]string{"detail": `"{\"dryRun\":true}"`}),
		event(map[string]string{"detail": ""}),
		event(map[string]string{"source": `"my.events"`}), event(map[string]string{"detail-type": `"Other"`}),
		event(map[string]string{"dryRun": "true"}),
		event(map[string]string{"Source": `"aws.events"`}), event(map[string]string{"version": `0`}),
	}
	d := deploy(t)
	for id, start := range jobs {
		deps := d.deps(id)
		deps.DB = forbidden(t, id)
		run, err := start(deps)
		if err != nil {
			t.Fatal(err)
		}
		for _, payload := range refused {
			if result, err := run(t.Context(), []byte(payload)); err == nil || !strings.Contains(err.Error(), ": payload: ") {
				t.Errorf("%s took %s: %v, %v", id, payload, result, err)
			}
		}
		if run, err = start(d.deps(id)); err != nil {
			t.Fatal(err)
		}
		for _, payload := range []string{
			``, ` `, `null`, `{}`, " {\n} ", event(nil),
			event(map[string]string{
				"source": `"aws.scheduler"`, "detail": `"{}"`,
				"resources": `["arn:aws:scheduler:eu-south-1:123456789012:schedule/default/hourly"]`,
			}),
		} {
			_, err := run(t.Context(), []byte(payload))
			if err != nil && (strings.Contains(err.Error(), ": payload: ") || id != subscription.Issue.ID) {
				t.Errorf("%s refused %s: %v", id, payload, err)
			}
		}
	}
}

// forbidden is storage that nobody may ask.
func forbidden(t *testing.T, id string) table.DB {
	t.Helper()
	db := &hooked.DB{}
	db.Set(func(*hooked.Call) error {
		t.Errorf("%s asked storage", id)
		return hooked.ErrDown
	})
	return db
}
