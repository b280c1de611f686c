package service_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"testing"

	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/hooked"
	"ciclo/shared/services"
)

const ownersList = "OWNER#owner-1"

// seed stores copies of a service of the owner, with their entries.
func (w *world) seed(path string, n int) {
	w.Helper()
	var steps []table.Step
	record := w.Items("SERVICE#" + idOf(path))[1] // after its history
	entry := w.Items(ownersList)[0]
	for i := range n {
		id := fmt.Sprintf("01HCEXAMP0E%015d", i)
		item := maps.Clone(record)
		changed, err := table.Encode(map[string]string{"id": id})
		if err != nil {
			w.Fatal(err)
		}
		maps.Copy(item, changed)
		at := table.Key{Table: services.Table.Name, PK: ownersList, SK: "@" + table.Text(record, "listed") + "#" + id}
		steps = append(steps,
			table.Put("record "+id, table.Key{Table: services.Table.Name, PK: "SERVICE#" + id, SK: "LIFECYCLE"}, item),
			table.Put("entry "+id, at, entry))
	}
	for some := range slices.Chunk(steps, table.MaxSteps) {
		if err := w.Tap.DB.Write(w.Context(), some...); err != nil {
			w.Fatal(err)
		}
	}
}

// TestListsCostThePage reads pages of a list of thousands of services: once its entries are in
// memory, a page costs its services. Changes are seen at once.
func TestListsCostThePage(t *testing.T) {
	t.Parallel()
	eachEmbedded(t, func(w *world) {
		first := w.create(named("First"))
		w.seed(first, 3000)
		w.Age(ownersList, "SERVICE#"+idOf(first))
		if _, pagination := w.page(owner, "/services?limit=1"); pagination != "0 1 3001" {
			w.Fatalf("the page is %s", pagination)
		}
		costs := func(trips, items float64, query string) {
			w.Helper()
			if gotTrips, gotItems := w.cost(owner, "GET", "/services"+query, ""); gotTrips != trips || gotItems != items {
				w.Errorf("%q costs %v round trips and %v items, want %v and %v", query, gotTrips, gotItems, trips, items)
			}
		}
		for _, query := range []string{
			"?", "?offset=2990", "?order=-created", "?order=name", "?order=-name&offset=1500", "?name=FIRST&offset=1000",
		} {
			costs(2, 10, query+"&limit=10")
		}
		costs(1, 0, "?name=nothing")
		costs(1, 0, "?offset=4000")

		w.Want(w.call("PUT", first, named("Renamed")), http.StatusOK)
		if ids, pagination := w.page(owner, "/services?name=renamed"); !slices.Equal(ids, []string{first}) || pagination != "0 20 1" {
			w.Errorf("renamed are %v %s", ids, pagination)
		}
		costs(2, 2, "?name=renamed") // the entry that has changed and the service
		second := w.create(named("Second"))
		if ids, pagination := w.page(owner, "/services?order=-name&limit=1"); !slices.Equal(ids, []string{second}) || pagination != "0 1 3002" {
			w.Errorf("the last name has %v %s", ids, pagination)
		}
		if entries := len(w.Items(ownersList)); entries != 3002 {
			w.Errorf("%d entries are stored", entries)
		}
	})
}

// TestWriteUnits counts the steps of transactions: DynamoDB bills two units for each.
func TestWriteUnits(t *testing.T) {
	t.Parallel()
	eachEmbedded(t, func(w *world) {
		writes := func(want int, what string, act func()) {
			w.Helper()
			got := 0
			w.Tap.Set(func(c *hooked.Call) error {
				got += len(c.Steps)
				return c.Run()
			})
			act()
			w.Tap.Set(nil)
			if got != want {
				w.Errorf("%s writes %d items, want %d", what, got, want)
			}
		}
		var path string
		writes(4, "create", func() { path = w.create(named("One")) })
		writes(5, "create in a group", func() { w.Want(w.As(grouped("g"), "POST", "/services", named("Two")), http.StatusCreated) })
		writes(2, "edit", func() {
			w.Want(w.call("PUT", path, complete(map[string]any{"name": "One", "description": "Other"})), http.StatusOK)
		})
		writes(4, "rename", func() { w.Want(w.call("PUT", path, named("Three")), http.StatusOK) })
		writes(6, "submit", func() { w.submit(path, false) }) // with the checks of the publication and of the name
		writes(7, "approve", func() { w.decide(path, "approve") })
		writes(2, "publish", func() { w.Want(w.call("POST", path+"/release", ""), http.StatusNoContent) })
	})
}
