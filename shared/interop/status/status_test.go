package status_test

import (
	"strings"
	"testing"

	"ciclo/shared/interop/status"
	"ciclo/shared/platform/testing/apitest"
)

// TestStatus asks without a token.
func TestStatus(t *testing.T) {
	t.Parallel()
	w := apitest.New(nil, status.Operations())
	res := w.Call(t, nil, "GET", "/status", "")
	if res.Status != 200 || res.Text("title") != "Service status OK" || res.Text("correlationId") != res.Header.Get("X-Correlation-Id") {
		t.Errorf("%d %s", res.Status, res.Raw)
	}
	if kind := res.Header.Get("Content-Type"); !strings.HasPrefix(kind, "application/problem+json") {
		t.Errorf("Content-Type %s", kind)
	}
}
