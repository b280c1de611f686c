package sample

import (
	"context"
	"crypto/rsa"
	"fmt"
	"io"
	"net/http"
	"strings"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/interop"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
)

// The event files name things of the interop product by ids that end in a byte:
// e-services 01 to 08, their first and second descriptors d1 to d8 and e1 to e8,
// attributes c1 to c6, agreements a1 to ac, and the consumers of those 01 to 0c;
// purposes, clients and what they stand on as samplePurpose and sampleClient say;
// users b1 to b4.
const (
	producer       = "69e2865e-65ab-4e48-a638-2037a9ee2ee7"
	certifier      = "5f8d7a10-0000-4000-a000-000000000001"
	idPrefix       = "5f8d7a10-0000-4000-8000-0000000000"
	consumerPrefix = "5f8d7a10-0000-4000-9000-0000000000"

	uuidBytes = "\x5f\x8d\x7a\x10\x00\x00\x40\x00\x80\x00\x00\x00\x00\x00\x00"
)

func sampleID(n byte) string { return fmt.Sprintf("%s%02x", idPrefix, n) }

// primed is randomness that begins with the bytes it is given.
type primed struct {
	next []byte
	then io.Reader
}

// Read implements [io.Reader].
func (p *primed) Read(b []byte) (int, error) {
	if len(p.next) == 0 {
		return p.then.Read(b)
	}
	n := copy(b, p.next)
	p.next = p.next[n:]
	return n, nil
}

// exchange makes the sample data of the interop product.
type exchange struct {
	seeder
	ctx       context.Context
	entropy   *primed
	registrar *tenant.Registrar
	pen       *rsa.PrivateKey // of a client
}

// as sends a request of an organization; what it makes gets the ids.
func (s *exchange) as(organization, role, method, path, body string, ids ...byte) {
	s.entropy.next = nil
	for _, id := range ids {
		s.entropy.next = append(append(s.entropy.next, uuidBytes...), id)
	}
	id := api.Identity{Subject: organization, Kind: interop.KindOrganization, Scopes: []string{role}}
	s.send(api.WithIdentity(s.ctx, id), method, path, body)
	s.entropy.next = nil
}

// produce sends a request of the producer.
func (s *exchange) produce(method, path, body string, ids ...byte) {
	s.as(producer, interop.RoleAdmin, method, path, body, ids...)
}

func eservicePath(n byte) string { return "/eservices/" + sampleID(n) }

func descriptorPath(n byte) string { return eservicePath(n) + "/descriptors/" + sampleID(0xd0|n) }

// seedInterop makes what the event of a function needs and is not there yet, and takes
// the descriptors of e-services back to their states.
func seedInterop(ctx context.Context, deps api.Deps, pen *rsa.PrivateKey, function string) error {
	s := &exchange{ctx: ctx, pen: pen, entropy: &primed{then: deps.Entropy}, registrar: tenant.NewRegistrar(deps)}
	deps.Entropy = s.entropy
	var err error
	if s.handler, err = api.NewHandler(deps, catalog.Operations()...); err != nil {
		return err
	}
	if s.purposes(function) || s.clients(function) || s.users(function) {
		return s.err
	}
	resource, _, _ := strings.Cut(function, "/")
	if resource == "agreement" || resource == "tenant" {
		s.agreements(function)
		return s.err
	}
	if resource == "attribute" || strings.HasSuffix(function, "-group") || strings.Contains(function, "-attribute") {
		s.attributes(0xc1, 0xc2, 0xc3, 0xc4, 0xc5, 0xc6)
		s.eservice(4)
		if function == "eservice/update-certified-attribute" {
			s.produce(http.MethodPatch, descriptorPath(4)+"/certifiedAttributes/groups/0/attributes/"+sampleID(0xc1),
				`{"dailyCallsPerConsumer":1000}`)
		}
		return s.err
	}
	for _, n := range []byte{1, 2, 3, 8} {
		s.eservice(n)
	}
	s.restore(2, "PUBLISHED", "unsuspend")
	s.restore(3, "SUSPENDED", "suspend")
	s.rewrite(function, deps.DB)
	return s.err
}

// rewrite takes back what a function has set on the second e-service, and would
// refuse to set again.
func (s *exchange) rewrite(function string, db table.DB) {
	switch path := eservicePath(2); function {
	case "eservice/update-name":
		s.produce(http.MethodPatch, path+"/name", `{"name":"Registry of companies"}`)
	case "eservice/update-description":
		s.produce(http.MethodPatch, path+"/description", `{"description":"Looks something up"}`)
	case "eservice/set-personal-data": // as an earlier release published it
		if s.err == nil {
			s.err = db.Write(s.ctx, table.Update("flag", eservice.Key(sampleID(2)), table.Changes{Remove: []string{"personalData"}}))
		}
	}
}

// is tells whether something is there, for the producer to see.
func (s *exchange) is(path string) bool { return s.isTo(producer, path) }

func (s *exchange) isTo(organization, path string) bool {
	if s.err != nil {
		return true
	}
	s.as(organization, interop.RoleAdmin, http.MethodGet, path, "")
	absent := s.err != nil
	s.err = nil
	return !absent
}

// restore takes a descriptor back to a state.
func (s *exchange) restore(n byte, state, action string) {
	s.produce(http.MethodGet, descriptorPath(n), "")
	if s.err == nil && !strings.Contains(s.body, fmt.Sprintf(`"state":%q`, state)) {
		s.produce(http.MethodPost, descriptorPath(n)+"/"+action, "")
	}
}

// sampleEService is the n-th e-service: how it approves, whether its descriptor is
// published, which verified attribute it asks for, and whether it has a second
// descriptor, a draft.
type sampleEService struct {
	n         byte
	name      string
	policy    string
	published bool
	verified  byte
	second    bool
}

var sampleEServices = []sampleEService{
	{n: 1, name: "Registry of addresses", policy: "AUTOMATIC"},
	{n: 2, name: "Registry of companies", policy: "AUTOMATIC", published: true},
	{n: 3, name: "Registry of schools", policy: "AUTOMATIC", published: true},
	{n: 4, name: "Registry of boats", policy: "AUTOMATIC"},
	{n: 5, name: "Registry of residents", policy: "AUTOMATIC", published: true},
	{n: 6, name: "Registry of roads", policy: "AUTOMATIC", published: true},
	{n: 7, name: "Registry of degrees", policy: "MANUAL", published: true, verified: 0xc3},
	{n: 8, name: "Registry of buildings", policy: "AUTOMATIC", published: true, second: true},
}

// eservice makes the n-th e-service.
func (s *exchange) eservice(n byte) {
	if s.is(eservicePath(n)) {
		return
	}
	e := sampleEServices[n-1]
	terms := fmt.Sprintf(`{"description":"A version of it","audience":["registry.example.it/v1"],"voucherLifespan":600,
		"dailyCallsPerConsumer":1000,"dailyCallsTotal":10000,"agreementApprovalPolicy":%q}`, e.policy)
	seed := fmt.Sprintf(
		`{"name":%q,"description":"Looks something up","technology":"REST","mode":"DELIVER","personalData":false,"descriptor":%s}`,
		e.name, terms)
	s.produce(http.MethodPost, "/eservices", seed, e.n, 0xd0|e.n)
	if e.n == 4 { // asks for something of each kind, in two groups each
		for kind, id := range map[string]byte{"certified": 0xc1, "declared": 0xc2, "verified": 0xc3} {
			for range 2 {
				s.requires(e.n, kind, id)
			}
		}
	}
	if e.verified != 0 {
		s.attributes(e.verified)
		s.requires(e.n, "verified", e.verified)
	}
	if e.published {
		s.produce(http.MethodPost, descriptorPath(e.n)+"/publish", "")
	}
	if e.second {
		s.produce(http.MethodPost, eservicePath(e.n)+"/descriptors", terms, 0xe0|e.n)
	}
}

func (s *exchange) requires(n byte, kind string, id byte) {
	s.produce(http.MethodPost, descriptorPath(n)+"/"+kind+"Attributes/groups", fmt.Sprintf(`{"attributeIds":[%q]}`, sampleID(id)))
}

// attributes makes attributes: c1 and c4 are certified, c2 and c5 declared, c3 and c6
// verified.
func (s *exchange) attributes(ids ...byte) {
	for _, id := range ids {
		n := id - 0xc0
		kind := []string{"verified", "certified", "declared"}[n%3]
		path := "/" + kind + "Attributes"
		if s.is(path + "/" + sampleID(id)) {
			continue
		}
		body := fmt.Sprintf(`{"name":"Sample %s %d","description":"Something to own"}`, kind, n)
		if kind == "certified" {
			body = fmt.Sprintf(`{"name":"Sample %s %d","description":"Something to own","code":"S%d"}`, kind, n, n)
			s.as(certifier, interop.RoleCertifier, http.MethodPost, path, body, id)
			continue
		}
		s.produce(http.MethodPost, path, body, id)
	}
}
