package officetest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"net/http"
	"strings"
	"testing"
)

// The organizations of the sandbox's persons.
const (
	Producer = "69e2865e-65ab-4e48-a638-2037a9ee2ee7"
	Consumer = "efea2507-08df-4a5d-b4bf-263763ae03ad"
	Issuer   = "ISSUER-001"
)

// Maker makes things through the APIs, as the persons of the sandbox would.
type Maker struct {
	t                              testing.TB
	site                           *Site
	producer, consumer, issuer     string // tokens
	municipality, reviewer, suffix string
}

// Make returns a maker of things for a test, whose names end with a suffix of their own.
func (s *Site) Make(t testing.TB) *Maker {
	t.Helper()
	return &Maker{
		t: t, site: s, suffix: rand.Text()[:8],
		producer:     s.Token(t, "organizationId="+Producer+"&organizationName=Anagrafe"),
		consumer:     s.Token(t, "organizationId="+Consumer+"&organizationName=Comune"),
		issuer:       s.Token(t, "issuerId="+Issuer),
		municipality: s.Key(t, "owner=comune"),
		reviewer:     s.Key(t, "owner=platform&role=reviewer"),
	}
}

// Suffix is what makes names unique.
func (m *Maker) Suffix() string { return m.suffix }

// object is a body.
type object = map[string]any

// call sends a request that must succeed, and returns the id in its answer, if any.
func (m *Maker) call(credential, method, path string, body object) (id string) {
	m.t.Helper()
	id, _ = m.site.JSON(m.t, credential, method, path, body)["id"].(string)
	return id
}

// Service makes a draft of a service with all that a review asks for, and returns its id.
func (m *Maker) Service(name string) string {
	m.t.Helper()
	return m.call(m.municipality, http.MethodPost, "/api/v1/manage/services", m.Sheet(name))
}

// Sheet is the data of a service.
func (m *Maker) Sheet(name string) map[string]any {
	return object{
		"name": name + " " + m.suffix, "description": "Certificati per i cittadini",
		"organization": object{"name": "Comune", "fiscal_code": "12345678901"},
		"metadata":     object{"scope": "LOCAL", "topic_id": 11, "privacy_url": "https://example.it/privacy", "phone": "0612345"},
	}
}

// Submit asks for the review of a service.
func (m *Maker) Submit(id string) {
	m.t.Helper()
	m.call(m.municipality, http.MethodPut, "/api/v1/manage/services/"+id+"/review", object{"auto_publish": true})
}

// Approve decides on a service as the reviewer.
func (m *Maker) Approve(id string) {
	m.t.Helper()
	m.call(m.reviewer, http.MethodPost, "/api/v1/manage/services/"+id+"/review/approve", nil)
}

// Reject decides on a service as the reviewer.
func (m *Maker) Reject(id, reason string) {
	m.t.Helper()
	m.call(m.reviewer, http.MethodPost, "/api/v1/manage/services/"+id+"/review/reject", object{"reason": reason, "code": "INVALID_FIELDS"})
}

// EService makes an e-service with one descriptor, which waits for publication.
func (m *Maker) EService(name string, perConsumer, total int64) (eservice, descriptor string) {
	m.t.Helper()
	eservice = m.call(m.producer, http.MethodPost, "/eservices", object{
		"name": name + " " + m.suffix, "description": "Looks residents up", "technology": "REST", "mode": "DELIVER", "personalData": true,
		"descriptor": object{
			"audience": []string{strings.ToLower(name) + "." + strings.ToLower(m.suffix) + ".example.it/v1"}, "voucherLifespan": 600,
			"dailyCallsPerConsumer": perConsumer, "dailyCallsTotal": total, "agreementApprovalPolicy": "MANUAL",
		},
	})
	return eservice, m.site.FirstDescriptor(m.t, m.producer, eservice)
}

// Publish publishes a descriptor.
func (m *Maker) Publish(eservice, descriptor string) {
	m.t.Helper()
	m.call(m.producer, http.MethodPost, "/eservices/"+eservice+"/descriptors/"+descriptor+"/publish", nil)
}

// Certified adds a certified attribute to the registry, with the producer as its certifier.
func (m *Maker) Certified(name string) string {
	m.t.Helper()
	certifier := m.site.Token(m.t, "organizationId="+Producer+"&organizationName=Anagrafe&role=certifier")
	return m.call(certifier, http.MethodPost, "/certifiedAttributes", object{
		"name": name + " " + m.suffix, "description": "A body of that kind", "code": name + m.suffix,
	})
}

// Agreement makes an agreement of the consumer that waits for the producer.
func (m *Maker) Agreement(eservice, descriptor string) string {
	m.t.Helper()
	id := m.call(m.consumer, http.MethodPost, "/agreements", object{"eserviceId": eservice, "descriptorId": descriptor})
	m.call(m.consumer, http.MethodPost, "/agreements/"+id+"/submit", object{"consumerNotes": "For the portal"})
	return id
}

// ActiveAgreement makes an e-service and an agreement in use on it.
func (m *Maker) ActiveAgreement(name string, perConsumer, total int64) (eservice, descriptor, agreement string) {
	m.t.Helper()
	eservice, descriptor = m.EService(name, perConsumer, total)
	m.Publish(eservice, descriptor)
	agreement = m.Agreement(eservice, descriptor)
	m.AsProducer(http.MethodPost, "/agreements/"+agreement+"/approve", nil)
	return eservice, descriptor, agreement
}

// Purpose makes a draft of a purpose.
func (m *Maker) Purpose(eservice, title string, calls int64) string {
	m.t.Helper()
	return m.call(m.consumer, http.MethodPost, "/purposes", object{
		"eserviceId": eservice, "title": title + " " + m.suffix, "description": "Certificates for residents", "isFreeOfCharge": false,
		"dailyCalls": calls, "riskAnalysisForm": object{"version": "3.1", "answers": object{"purpose": []string{"INSTITUTIONAL"}}},
	})
}

// Client makes a client of the consumer with a key, whose private half it returns.
func (m *Maker) Client(name string) (id, kid string, key *ecdsa.PrivateKey) {
	m.t.Helper()
	id = m.call(m.consumer, http.MethodPost, "/clients", object{"name": name + " " + m.suffix, "members": []string{}})
	key, public := NewKey(m.t)
	answer := m.site.JSON(m.t, m.consumer, http.MethodPost, "/clients/"+id+"/keys", object{
		"name": "The key", "use": "SIG", "alg": "ES256", "key": base64.StdEncoding.EncodeToString([]byte(public)),
	})
	jwk, _ := answer["jwk"].(object)
	kid, _ = jwk["kid"].(string)
	if kid == "" {
		m.t.Fatalf("the key of %s: %v", id, answer)
	}
	return id, kid, key
}

// NewKey returns a private key, and its public half as PEM.
func NewKey(t testing.TB) (key *ecdsa.PrivateKey, public string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	return key, string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
}

// CardHolder makes a consumer of the issuer with cards, and returns its id.
func (m *Maker) CardHolder(name string, cards int) string {
	m.t.Helper()
	id := name + "-" + strings.ToLower(m.suffix)
	var all []object
	for i := range cards {
		all = append(all, object{"cardId": id + "-card-" + string(rune('a'+i)), "accountId": id + "-account"})
	}
	m.call(m.issuer, http.MethodPut, "/issuers/"+Issuer+"/consumers/"+id+"/cards", object{"cards": all})
	return id
}

// AsProducer calls the interop API as the producer, and returns the id in the answer.
func (m *Maker) AsProducer(method, path string, body object) string {
	m.t.Helper()
	return m.call(m.producer, method, path, body)
}

// AsConsumer calls the interop API as the consumer, and returns the id in the answer.
func (m *Maker) AsConsumer(method, path string, body object) string {
	m.t.Helper()
	return m.call(m.consumer, method, path, body)
}

// AsIssuer calls the API of consumers as the issuer.
func (m *Maker) AsIssuer(method, path string, body object) string {
	m.t.Helper()
	return m.call(m.issuer, method, path, body)
}

// AsMunicipality calls the manage API as the owner of services.
func (m *Maker) AsMunicipality(method, path string, body object) string {
	m.t.Helper()
	return m.call(m.municipality, method, path, body)
}
