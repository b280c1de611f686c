//go:build screenshots

package officetest_test

import (
	"os"
	"path/filepath"
	"testing"

	"ciclo/cmd/internal/officetest"
)

// screenshots are the pages that make screenshots takes pictures of, by a pattern of the walk.
var screenshots = map[string]string{
	"service":   "/services/{serviceId}",
	"reviews":   "/reviews",
	"purpose":   "/purposes/{purposeId}",
	"agreement": "/agreements/{agreementId}",
	"eservice":  "/eservices/{eserviceId}",
	"debug":     "/debug",
	"platform":  "/platform",
}

// TestScreenshots makes pictures of the main pages, in the folder SCREENSHOTS. It is no test:
// make screenshots builds it.
func TestScreenshots(t *testing.T) {
	folder := os.Getenv("SCREENSHOTS")
	if folder == "" {
		t.Fatal("SCREENSHOTS names no folder; use make screenshots")
	}
	box, found := populated(t)
	start := box.Tab(t, "", officetest.Look{Lang: "it"})
	start.Open("/")
	start.Screenshot(filepath.Join(folder, "start.png"))
	for name, pattern := range screenshots {
		if len(found[pattern]) == 0 {
			t.Errorf("no link leads to %s", pattern)
			continue
		}
		at := found[pattern][0]
		tab := box.Tab(t, at.person, officetest.Look{Lang: "it"})
		for look, l := range map[string]officetest.Look{"": {}, "-dark": {Dark: true}, "-narrow": {Width: 360}} {
			tab.Show(l)
			tab.Open(at.path)
			tab.Screenshot(filepath.Join(folder, name+look+".png"))
		}
	}
}
