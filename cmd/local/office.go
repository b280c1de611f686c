package main

import (
	"context"
	"crypto/rand"
	"net/http"
	"net/http/httptest"

	"ciclo/cmd/internal/devissuer"
	"ciclo/shared/consumers"
	"ciclo/shared/interop"
	"ciclo/shared/office"
	"ciclo/shared/office/page"
	"ciclo/shared/platform/seal"
	"ciclo/shared/services"
	"ciclo/shared/services/subscription"
)

// officeBase precedes the paths of the front office.
const officeBase = "/office"

// persons are those as whom one can sign in to the front office of the sandbox.
func (s *sandbox) persons() []person {
	all := []person{
		{
			Person: office.Person{ID: "municipality", Name: office.T("Comune", "Municipality"), Role: office.T("Ente che offre servizi", "Body that offers services"),
				Does: office.T("Scrive le schede dei servizi e ne chiede la pubblicazione.", "Writes service sheets and asks for their publication.")},
			product: services.Product.Name, areas: []office.Area{office.Services}, key: &subscription.Request{Owner: "comune"},
		},
		{
			Person: office.Person{ID: "reviewer", Name: office.T("Revisore", "Reviewer"), Role: office.T("Revisione dei servizi", "Review of services"),
				Does: office.T("Approva i servizi o chiede modifiche.", "Approves services or asks for changes.")},
			product: services.Product.Name, areas: []office.Area{office.Reviews}, key: &subscription.Request{Owner: "platform", Role: "reviewer"},
		},
		{
			Person: office.Person{ID: "producer", Name: office.T("Erogatore", "Producer"), Organization: "Anagrafe", Role: office.T("Ente che eroga e-service", "Producer of e-services"),
				Does: office.T("Pubblica e-service, decide sulle richieste e sulle finalità oltre soglia.", "Publishes e-services, decides on requests and on purposes over a threshold.")},
			product: interop.Product.Name, areas: []office.Area{office.Interop},
			claims: &devissuer.Claims{Organization: "69e2865e-65ab-4e48-a638-2037a9ee2ee7", Role: interop.RoleAdmin, Name: "Anagrafe"},
		},
		{
			Person: office.Person{ID: "consumer", Name: office.T("Fruitore", "Consumer"), Organization: "Comune", Role: office.T("Ente che usa e-service", "Consumer of e-services"),
				Does: office.T("Chiede l’uso di e-service, dichiara finalità e carico, carica chiavi.", "Asks to use e-services, states purposes and load, uploads keys.")},
			product: interop.Product.Name, areas: []office.Area{office.Interop},
			claims: &devissuer.Claims{Organization: "efea2507-08df-4a5d-b4bf-263763ae03ad", Role: interop.RoleAdmin, Name: "Comune"},
		},
		{
			Person: office.Person{ID: "help-desk", Name: office.T("Assistenza", "Help desk"), Organization: "ISSUER-001", Role: office.T("Assistenza dell’emittente", "Help desk of the card issuer"),
				Does: office.T("Cerca un consumatore, vede le operazioni, cancella su richiesta.", "Looks consumers up, sees operations, deletes on request.")},
			product: consumers.Product.Name, areas: []office.Area{office.Consumers},
			claims: &devissuer.Claims{Subject: "ISSUER-001", Scope: consumers.ScopeFull},
		},
		{
			Person: office.Person{ID: "operator", Name: office.T("Gestore", "Operator"), Role: office.T("Gestore della piattaforma", "Operator of the platform"),
				Does: office.T("Controlla cancellazioni programmate, carichi e code.", "Watches the purge, the ledger and the queues.")},
			areas: []office.Area{office.Platform}, claims: &devissuer.Claims{Subject: consumers.RoleOperator, Role: consumers.RoleOperator},
			key: s.operatorKey(),
		},
	}
	var served []person
	for _, p := range all {
		if p.product == "" || s.products.has(p.product) {
			served = append(served, p)
		}
	}
	return served
}

// operatorKey asks for the operator's manage key; nil where no product takes it.
func (s *sandbox) operatorKey() *subscription.Request {
	if !s.products.has(services.Product.Name) {
		return nil
	}
	return &subscription.Request{Owner: "platform", Role: subscription.RoleOperator}
}

// person is somebody with what the credentials are made of.
type person struct {
	office.Person
	product string // that is served, "" for any
	areas   []office.Area
	claims  *devissuer.Claims     // of the token, nil for none
	key     *subscription.Request // nil for none
}

// newOffice returns the front office, which calls the operations in this process.
func (s *sandbox) newOffice() (*office.Office, error) {
	all := s.persons()
	persons := &office.Persons{Now: s.clock.now, Open: func(ctx context.Context, id string) (office.Session, error) {
		for _, p := range all {
			if p.ID == id {
				return s.session(ctx, p)
			}
		}
		return office.Session{}, office.ErrSignIn
	}}
	for _, p := range all {
		persons.All = append(persons.All, p.Person)
	}
	key := make([]byte, seal.KeyBytes)
	_, _ = rand.Read(key) // never fails
	c := office.Config{
		Base: officeBase, Home: "/", APIs: map[string]office.Remote{}, SignIn: persons, Key: key, Now: s.clock.now, Log: s.log,
	}
	for _, p := range s.products {
		c.APIs[p.Name] = office.Remote{URL: s.url, Keyed: p.Name == services.Product.Name, Transport: inProcess{http.HandlerFunc(s.serve)}}
	}
	return page.New(c, s.startWing())
}

// session returns a session with new credentials of a person.
func (s *sandbox) session(ctx context.Context, p person) (office.Session, error) {
	session := office.Session{
		Person: p.ID, Name: p.Name, OrganizationName: p.Organization, Areas: p.areas, Expires: s.clock.now().Add(devissuer.TTL),
	}
	if p.claims != nil {
		session.Organization = p.claims.Organization
		if session.Organization == "" {
			session.Organization = p.claims.Subject
		}
		var err error
		if session.Token, err = s.issuer.Token(*p.claims); err != nil {
			return session, err
		}
	}
	if p.key != nil {
		issued, err := s.issueKey(ctx, *p.key)
		if err != nil {
			return session, err
		}
		session.Organization, session.Key = p.key.Owner, issued.PrimaryKey
	}
	return session, nil
}

// inProcess sends requests to a handler of this process.
type inProcess struct{ handler http.Handler }

// RoundTrip implements [http.RoundTripper].
func (t inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	sent := r.Clone(r.Context())
	sent.RequestURI = r.URL.RequestURI()
	sent.RemoteAddr = "127.0.0.1:0"
	if sent.Body == nil {
		sent.Body = http.NoBody
	}
	t.handler.ServeHTTP(answer, sent)
	return answer.Result(), nil
}
