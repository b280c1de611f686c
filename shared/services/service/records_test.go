package service_test

import (
	"strings"
	"sync/atomic"

	"ciclo/shared/services/servicestest"
)

// unique numbers things whose names must differ.
var unique atomic.Int64

// idOf returns the id in the path of a service.
func idOf(path string) string { return strings.Split(path, "/")[2] }

// records returns everything that is stored of a service, except claims on names, by key.
func (w *world) records(path string) map[string]map[string]any {
	w.Helper()
	id := idOf(path)
	all := map[string]map[string]any{}
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
