package agreement_test

import (
	"fmt"
	"strings"

	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/listtest"
)

// about has the ids and names that an agreement refers to.
type about struct{ id, eservice, name, descriptor, producer, consumer string }

// template has the items that lists read of one agreement. The agreement was created by
// requests; tests store copies of it under other ids.
type template struct {
	about
	items map[table.Key]object
}

// towards has the actions that lead to a state.
var towards = map[string][]string{
	"DRAFT": nil, "PENDING": {"submit"}, "ACTIVE": {"submit", "approve"}, "SUSPENDED": {"submit", "approve", "suspend"},
	"REJECTED": {"submit", "reject"}, "ARCHIVED": {"submit", "approve", "archive"},
}

// templates creates an agreement in each state and returns its stored items by state.
func (w *world) templates() map[string]template {
	w.Helper()
	o, all := w.newOffer("MANUAL"), map[string]template{}
	name := w.OK(consumer, "GET", "/eservices/"+o.id, "").Text("name")
	for state := range towards {
		all[state] = w.template(o, name, state, 0)
	}
	return all
}

// template creates one agreement. The clock advances by later days before each action.
func (w *world) template(o offer, name, state string, later int) template {
	w.Helper()
	w.clear()
	t := template{about: about{w.createDraft(o), o.id, name, o.descriptor, producer.Subject, consumer.Subject}}
	for _, action := range towards[state] {
		caller := consumer
		if action == "approve" || action == "reject" {
			caller = producer
		}
		w.Clock.Set(w.Clock.Now().AddDate(0, 0, later))
		if action == "submit" {
			w.OK(caller, "POST", "/agreements/"+t.id+"/submit", "{}")
		} else {
			w.mustAct(caller, t.id, action)
		}
	}
	t.items = map[table.Key]object{}
	for key, item := range listtest.Live(w.everything()) {
		if key.SK == "AGREEMENT" || strings.HasPrefix(key.PK, "AGREEMENTS#") {
			delete(item, table.PK)
			delete(item, table.SK)
			t.items[listtest.Aged(key)] = item
		}
	}
	w.clear()
	return t
}

// steps returns the steps that store the template as another agreement. Empty members of
// to keep the value of the template.
func (t template) steps(to about) (steps []table.Step) {
	var pairs []string
	for from, into := range map[string]string{
		t.id: to.id, t.eservice: to.eservice, t.name: to.name, t.descriptor: to.descriptor, t.producer: to.producer, t.consumer: to.consumer,
	} {
		if into != "" {
			pairs = append(pairs, from, into)
		}
	}
	replace := strings.NewReplacer(pairs...).Replace
	for key, item := range t.items {
		into := table.Key{Table: key.Table, PK: replace(key.PK), SK: replace(key.SK)}
		if strings.HasPrefix(into.PK, "AGREEMENTS#PRODUCER#") && replace(t.consumer) == replace(t.producer) {
			continue // listed by its consumer alone
		}
		steps = append(steps, table.Put(into.String(), into, replaced(item, replace)))
	}
	return steps
}

// replaced returns the item with its texts replaced.
func replaced(item object, replace func(string) string) object {
	copied := object{}
	for attr, value := range item {
		if text, ok := value.(string); ok {
			value = replace(text)
		}
		copied[attr] = value
	}
	return copied
}

// as returns the template of a pending agreement in another state, which has the same list
// entries.
func (t template) as(state string) template {
	items, replace := map[table.Key]object{}, strings.NewReplacer("PENDING", state).Replace
	for key, item := range t.items {
		key.SK = replace(key.SK)
		items[key] = replaced(item, replace)
	}
	t.items = items
	return t
}

// crew writes copies in batches, directly to the engine, and lets functions start anew.
type crew struct {
	*world
	steps []table.Step
}

func (c *crew) add(steps []table.Step) {
	c.Helper()
	if len(c.steps)+len(steps) > table.MaxSteps {
		c.flush()
	}
	c.steps = append(c.steps, steps...)
}

func (c *crew) flush() {
	c.Helper()
	if len(c.steps) == 0 {
		return
	}
	if err := c.Engine().Write(c.Context(), c.steps...); err != nil {
		c.Fatal(err)
	}
	c.steps = nil
	c.Restart() // the copies are as old as if readers had seen them
}

// numberedID returns id n with that prefix.
func numberedID(kind string, n int) string { return fmt.Sprintf("%s-0000-4000-8000-%012d", kind, n) }
