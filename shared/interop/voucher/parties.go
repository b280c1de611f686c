package voucher

import (
	"sync"

	"ciclo/shared/interop/agreement"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/interop/purpose"
	"ciclo/shared/platform/table"
)

// parties are what a purpose names for ever: they never change, so a process may remember them.
type parties struct{ consumerID, eserviceID string }

func partiesIn(p *purpose.Summary) parties {
	return parties{consumerID: p.ConsumerID, eserviceID: p.EServiceID}
}

// stateKeys returns the keys of the agreement in use and of the e-service.
func (p parties) stateKeys() []table.Key {
	return []table.Key{agreement.SubscriptionKey(p.consumerID, p.eserviceID), eservice.Key(p.eserviceID)}
}

// partiesOf remembers the parties of purposes for which vouchers were requested. With them the
// agreement and the e-service can be read together with everything else. It is safe for
// concurrent use.
type partiesOf struct {
	mu             sync.Mutex
	younger, older map[string]parties // when the younger is full it becomes the older one
}

// maxParties bounds one generation; two of some 150 bytes a purpose are 1 MB.
const maxParties = 4096

func (m *partiesOf) get(purposeID string) (parties, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if p, ok := m.younger[purposeID]; ok {
		return p, true
	}
	p, ok := m.older[purposeID]
	if ok {
		m.add(purposeID, p)
	}
	return p, ok
}

func (m *partiesOf) put(purposeID string, p parties) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.add(purposeID, p)
}

func (m *partiesOf) add(purposeID string, p parties) {
	if len(m.younger) >= maxParties || m.younger == nil {
		m.older = m.younger
		m.younger = map[string]parties{}
	}
	m.younger[purposeID] = p
}
