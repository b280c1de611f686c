package eservice_test

import (
	"fmt"
	"strings"
	"testing"

	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/table"
)

// TestPagesCostTheSame: a page of the catalogue reads its own e-services alone, among four
// thousand of three producers. A change is seen at once.
func TestPagesCostTheSame(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		public, descriptor := w.createAs(other, object{"name": "Registro civile"})
		w.OK(other, "POST", descriptor+"/publish", "")
		draft, _ := w.createAs(other, object{"name": "Bozza di registro"})
		copies := func(path, name, as string, n, group int) {
			w.Helper()
			w.Copies(func(key table.Key) bool {
				return strings.HasSuffix(key.PK, "ESERVICES") && strings.HasSuffix(key.SK, idOf(path)) || key.PK == "ESERVICE#"+idOf(path)
			}, n, func(i int) []string {
				return []string{
					idOf(path), fmt.Sprintf("%08d-0000-4000-8000-%012d", group, i), name, fmt.Sprintf("%s %04d", name, i), other.Subject, as,
				}
			})
		}
		copies(public, "Registro civile", other.Subject, 1999, 1)
		copies(public, "Registro civile", producer.Subject, 1000, 2)
		copies(draft, "Bozza di registro", producer.Subject, 1000, 3)
		w.Reset(nil)
		w.CheapPage(reader, "/eservices", 2999, 50)
		w.CheapPage(reader, "/eservices?offset=2990&limit=50", 2999, 9)
		w.CheapPage(producer, "/eservices?offset=1500", 3999, 50)
		w.CheapPage(other, "/eservices?technology=REST&mode=DELIVER", 2999, 50)
		w.CheapPage(reader, "/eservices?mode=RECEIVE", 0, 0)
		w.CheapPage(reader, "/eservices?producerIds="+producer.Subject+"&limit=7", 1000, 7)
		w.CheapPage(producer, "/eservices?producerIds="+producer.Subject+"&limit=7", 2000, 7)
		w.CheapPage(producer, "/eservices?producerIds="+producer.Subject+","+other.Subject, 3999, 50)
		w.CheapPage(other, "/eservices?name=BOZZA", 0, 0)
		w.CheapPage(reader, "/eservices?name=civile+0007", 2, 2)

		made, first := w.create(object{"name": "Registro civile nuovo"})
		w.lists(producer, "?name=nuovo", "Registro civile nuovo")
		w.lists(reader, "?name=nuovo")
		w.move(first, "publish")
		w.lists(reader, "?name=nuovo", "Registro civile nuovo")
		w.OK(producer, "PATCH", made+"/name", `{"name":"Registro civile nuovissimo"}`)
		w.lists(reader, "?name=nuovo")
		w.lists(reader, "?name=nuovissimo", "Registro civile nuovissimo")
		interoptest.Equal(w.TB, "e-services", interoptest.Total(w.OK(reader, "GET", "/eservices?limit=1", "")), 3000)
	})
}
