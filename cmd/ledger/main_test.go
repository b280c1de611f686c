package main

import (
	"bytes"
	"strings"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/engine"
)

// TestCheck prints what differs, and says so by its result.
func TestCheck(t *testing.T) {
	t.Parallel()
	db := engine.Bolt(t, []table.Schema{interop.Table})
	says := func(want ...string) bool {
		t.Helper()
		var out bytes.Buffer
		same, err := check(t.Context(), db, &out)
		for _, line := range want {
			if err != nil || !strings.Contains(out.String(), line) {
				t.Errorf("%v, said\n%swant %s", err, out.String(), line)
			}
		}
		return same
	}
	if !says("0 e-services compared, 0 differences") {
		t.Error("an empty table differs")
	}
	const id = "00000000-0000-4000-8000-000000000001"
	err := db.Write(t.Context(),
		table.Put("listed", interop.Key("ESERVICES", "@0000000000000001#"+id), map[string]string{"name": "E-service"}),
		table.Put("agreement", interop.Key("AGREEMENTS#ESERVICE#"+id, "c#a"), map[string]string{"id": "a", "consumerId": "c"}),
		table.Put("load", interop.Key("LOAD#"+id+"#c", "LOAD"), map[string]int{"load": 5}))
	if err != nil {
		t.Fatal(err)
	}
	if says("e-service "+id+", consumer c: the ledger says 5 calls a day, active purposes plan 0", "1 e-services compared, 1 differences") {
		t.Error("what differs is said to be the same")
	}
}
