package agreement_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
)

// The organizations and e-services of the published examples of pending agreements.
const (
	seedConsumer = "efea2507-08df-4a5d-b4bf-263763ae03ad"
	seedProducer = "90f45b0c-f63b-4a16-9352-80497ee88890"
	seedEService = "2474f999-2448-4828-bfa6-3dd48168bb61"
	seedAlone    = "7b2b1d1c-0232-4576-88c6-3ff5683cf8c0"
	// Others that the examples list. The names of their e-services sort first.
	seedFirst, seedFirstDescriptor   = "fd7d6c6b-c042-4d9c-926a-d5e26c815220", "419adb1c-8e0e-4225-97d9-24510a9a4aac"
	seedSecond, seedSecondDescriptor = "0c46fc70-9d1e-471f-a043-1b5f385fbb29", "6a25c4df-333d-4329-b68f-1799670d44f2"
	seedAnother                      = "a2521558-5b90-4835-bc8e-2ce535e45ba0"
	firstID, secondID                = "4ed64879-2568-4117-9b34-2322cbcdf90d", "77eb543f-8273-4dd4-b300-1d49b40e6f9d"
)

// population stores the agreements of an example: those that it shows, copies up to its
// total, and others that it must not list.
type population struct {
	*crew
	all       map[string]template
	may, june template                 // submitted on 2 May and 2 June
	eservice  map[table.Key]table.Item // created by requests
	matching  []table.Key              // the stored items of the current example
}

func (w *world) populated() *population {
	w.Helper()
	p := &population{crew: &crew{world: w}, all: w.templates()}
	o := w.newOffer("MANUAL")
	p.eservice = w.StoredItems(func(key table.Key) bool { return key.PK == "ESERVICE#"+o.id })
	name := w.OK(consumer, "GET", "/eservices/"+o.id, "").Text("name")
	w.Clock.Set(time.Date(2025, 5, 1, 0, 12, 34, 0, time.UTC))
	p.may = w.template(o, name, "PENDING", 1)
	w.Clock.Set(time.Date(2025, 6, 1, 0, 12, 34, 0, time.UTC))
	p.june = w.template(o, name, "PENDING", 1)
	return p
}

// copyEService stores the e-service under an id of the example, too.
func (p *population) copyEService(id string) {
	p.Helper()
	for key, item := range p.eservice {
		copied := *decoded[object](p.world, item)
		delete(copied, table.PK)
		delete(copied, table.SK)
		if key.SK == "ESERVICE" {
			copied["id"], copied["producerId"] = id, seedProducer
		}
		p.add([]table.Step{table.Put(key.SK, interop.Key("ESERVICE#"+id, key.SK), copied)})
	}
}

// storeOthers stores thousands of agreements that no example lists: of the same consumer
// in other states, with the same producer on other e-services, on the same e-service in
// other states, and of other organizations.
func (p *population) storeOthers() {
	p.Helper()
	n := 0
	id := func(kind string) string { return numberedID(kind, n) }
	for range 60 {
		for state, t := range p.all {
			n++
			p.add(t.steps(about{id: id("90000000"), eservice: id("91000000"), consumer: id("92000000"), producer: id("93000000")}))
			p.add(t.steps(about{id: id("94000000"), eservice: id("95000000"), consumer: id("96000000"), producer: seedProducer}))
			if state != "PENDING" {
				p.add(t.steps(about{id: id("97000000"), eservice: id("98000000"), consumer: seedConsumer, producer: seedProducer}))
				p.add(t.steps(about{id: id("99000000"), eservice: id("9a000000"), consumer: seedAlone, producer: id("9b000000")}))
				p.add(t.steps(about{id: id("9c000000"), eservice: seedEService, consumer: id("9d000000"), producer: seedProducer}))
			} else { // with the consumer of the examples as producer
				p.add(t.steps(about{id: id("9e000000"), eservice: id("9f000000"), consumer: id("90100000"), producer: seedConsumer}))
			}
		}
	}
}

// result returns an agreement in the JSON of the examples.
func result(id, eservice, descriptor, consumer, month string) string {
	return fmt.Sprintf(`{"id":%q,"eserviceId":%q,"descriptorId":%q,"producerId":%q,"consumerId":%q,`+
		`"state":"PENDING","createdAt":"2025-%s-01T00:12:34.000Z","updatedAt":"2025-%s-02T00:12:34.000Z"}`,
		id, eservice, descriptor, seedProducer, consumer, month, month)
}

// checkExample checks the page of two of the example, and every other page of the list.
func (p *population) checkExample(as *api.Identity, query string, total int, listed ...string) {
	p.Helper()
	page := func(offset, limit int) string {
		return strings.TrimSpace(p.OK(as, "GET", fmt.Sprintf("/agreements?states=PENDING&%s&offset=%d&limit=%d", query, offset, limit), "").Raw)
	}
	pagination := func(offset, limit int) string {
		return fmt.Sprintf(`"pagination":{"offset":%d,"limit":%d,"totalCount":%d}}`, offset, limit, total)
	}
	interoptest.Equal(p.TB, "the example", page(0, 2), `{"results":[`+strings.Join(listed, ",")+`],`+pagination(0, 2))
	interoptest.Equal(p.TB, "past the end", page(total, 2), `{"results":[],`+pagination(total, 2))
	whole := interoptest.Results(p.OK(as, "GET", "/agreements?states=PENDING&"+query, ""))
	if len(whole) != total {
		p.Errorf("%s: the whole list has %d, want %d", query, len(whole), total)
	}
	for _, limit := range []int{1, 2, 7, 50} {
		var parts []object
		for offset := 0; offset < total; offset += limit {
			parts = append(parts, interoptest.Results(p.OK(as, "GET", fmt.Sprintf("/agreements?states=PENDING&%s&offset=%d&limit=%d", query,
				offset, limit), ""))...)
		}
		interoptest.Equal(p.TB, "all pages", fmt.Sprint(parts), fmt.Sprint(whole))
	}
}

func reads(id string) *api.Identity { return interoptest.Organization(id, interop.RoleReader) }

// storeMatching stores an agreement that the example lists.
func (p *population) storeMatching(t template, to about) {
	p.Helper()
	steps := t.steps(to)
	for _, step := range steps {
		p.matching = append(p.matching, step.Key)
	}
	p.add(steps)
}

// nextExample removes the agreements of the current example.
func (p *population) nextExample() {
	p.Helper()
	p.flush()
	for _, key := range p.matching {
		p.add([]table.Step{table.Delete(key.String(), key)})
	}
	p.flush()
	p.matching = nil
}

// TestExamples sends the three published requests for pending agreements. Thousands of
// other agreements are stored.
func TestExamples(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		p := w.populated()
		p.copyEService(seedEService)
		p.storeOthers()
		for _, example := range []func(){p.checkConsumer, p.checkEService, p.checkBoth} {
			example()
			p.nextExample()
		}
	})
}

func (p *population) checkConsumer() {
	p.Helper()
	p.storeMatching(p.may, about{firstID, seedFirst, "Accessi", seedFirstDescriptor, seedProducer, seedConsumer})
	p.storeMatching(p.june, about{secondID, seedSecond, "anagrafe", seedSecondDescriptor, seedProducer, seedConsumer})
	for i := range 43 {
		p.storeMatching(p.june, about{
			numberedID("a0000000", i), numberedID("a1000000", i), fmt.Sprintf("Catasto %02d", i), "", seedProducer,
			seedConsumer,
		})
	}
	p.flush()
	p.checkExample(reads(seedConsumer), "consumerIds="+seedConsumer, 45,
		result(firstID, seedFirst, seedFirstDescriptor, seedConsumer, "05"), result(secondID, seedSecond, seedSecondDescriptor, seedConsumer,
			"06"))
	if all := p.OK(reads(seedConsumer), "GET", "/agreements?states=PENDING&limit=1", "").Raw; !strings.Contains(all, `"totalCount":105}`) {
		p.Errorf("without its own id the consumer gets %s, want also those with it as producer", all)
	}
}

func (p *population) checkEService() {
	p.Helper()
	p.storeMatching(p.may, about{firstID, seedEService, "", seedFirstDescriptor, seedProducer, seedConsumer})
	p.storeMatching(p.june, about{secondID, seedEService, "", seedSecondDescriptor, seedProducer, seedAnother})
	for i := range 33 {
		p.storeMatching(p.june, about{numberedID("a0000000", i), seedEService, "", seedFirstDescriptor, seedProducer, numberedID("a2000000", i)})
	}
	p.flush()
	p.checkExample(reads(seedProducer), "eserviceIds="+seedEService, 35,
		result(firstID, seedEService, seedFirstDescriptor, seedConsumer, "05"), result(secondID, seedEService, seedSecondDescriptor,
			seedAnother, "06"))
}

func (p *population) checkBoth() {
	p.Helper()
	p.storeMatching(p.may, about{firstID, seedEService, "", seedFirstDescriptor, seedProducer, seedAlone})
	p.storeMatching(p.june, about{secondID, seedEService, "", seedFirstDescriptor, seedProducer, seedAnother})
	p.flush()
	query, alone := "eserviceIds="+seedEService+"&consumerIds="+seedAlone, result(firstID, seedEService, seedFirstDescriptor, seedAlone, "05")
	p.checkExample(reads(seedProducer), query, 1, alone)
	p.checkExample(reads(seedAlone), query, 1, alone)
	p.checkExample(reads(seedConsumer), query, 0)
}
