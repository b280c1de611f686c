package service_test

import (
	"strings"
	"sync/atomic"

	"ciclo/shared/services/servicestest"
)

// unique numbers what must not have the same name.
var unique atomic.Int64

// idOf is the id in a service's path.
func idOf(path string) string { return strings.Split(path, "/")[2] }

// records is everything that is stored about a service but its names, by key.
func (w *world) records(path string) map[string]map[string]any {
	w.Helper()
	id, all := idOf(path), map[string]map[string]any{}
	for _, pk := range []string{"SERVICE#" + id, "SUB#" + id, "REVIEWS"} {
		for _, item := range w.Items(pk) {
			attributes := *servicestest.Decode[map[string]any](w.TB, item)
			if sk, _ := attributes["sk"].(string); pk != "REVIEWS" || strings.HasSuffix(sk, id) {
				all[strings.Split(pk, "#")[0]+"/"+sk] = attributes
			}
		}
	}
	return all
}
