package main

import (
	"ciclo/cmd/internal/devissuer"
	"ciclo/shared/consumers"
	"ciclo/shared/interop"
	"ciclo/shared/office"
	"ciclo/shared/services"
	"ciclo/shared/services/subscription"
)

// person is somebody as whom one can sign in to the front office of the sandbox, with what the
// credentials are made of.
type person struct {
	office.Person
	product string // that is served, "" for any
	area    office.Area
	claims  *devissuer.Claims     // of the token, nil for none
	key     *subscription.Request // nil for none
}

// organization returns the claims of an administrator of an organization.
func organization(id, name string) *devissuer.Claims {
	return &devissuer.Claims{Organization: id, Role: interop.RoleAdmin, Name: name}
}

// persons are those of the products that are served.
func (s *sandbox) persons() []person {
	all := []person{
		{
			product: services.Product.Name, area: office.Services, key: &subscription.Request{Owner: "comune"},
			Person: office.Person{
				ID: "municipality", Name: office.T("Comune", "Municipality"),
				Role: office.T("Ente che offre servizi", "Body that offers services"),
				Does: office.T("Scrive le schede dei servizi e ne chiede la pubblicazione.",
					"Writes service sheets and asks for their publication."),
			},
		},
		{
			product: services.Product.Name, area: office.Reviews, key: &subscription.Request{Owner: "platform", Role: "reviewer"},
			Person: office.Person{
				ID: "reviewer", Name: office.T("Revisore", "Reviewer"),
				Role: office.T("Revisione dei servizi", "Review of services"),
				Does: office.T("Approva i servizi o chiede modifiche.", "Approves services or asks for changes."),
			},
		},
		{
			product: interop.Product.Name, area: office.Interop, claims: organization("69e2865e-65ab-4e48-a638-2037a9ee2ee7", "Anagrafe"),
			Person: office.Person{
				ID: "producer", Name: office.T("Erogatore", "Producer"), Organization: "Anagrafe",
				Role: office.T("Ente che eroga e-service", "Producer of e-services"),
				Does: office.T("Pubblica e-service, decide sulle richieste e sulle finalità oltre soglia.",
					"Publishes e-services, decides on requests and on purposes over a threshold."),
			},
		},
		{
			product: interop.Product.Name, area: office.Interop, claims: organization("efea2507-08df-4a5d-b4bf-263763ae03ad", "Comune"),
			Person: office.Person{
				ID: "consumer", Name: office.T("Fruitore", "Consumer"), Organization: "Comune",
				Role: office.T("Ente che usa e-service", "Consumer of e-services"),
				Does: office.T("Chiede l’uso di e-service, dichiara finalità e carico, carica chiavi.",
					"Asks to use e-services, states purposes and load, uploads keys."),
			},
		},
		{
			product: consumers.Product.Name, area: office.Consumers,
			claims: &devissuer.Claims{Subject: "ISSUER-001", Scope: consumers.ScopeFull},
			Person: office.Person{
				ID: "help-desk", Name: office.T("Assistenza", "Help desk"), Organization: "ISSUER-001",
				Role: office.T("Assistenza dell’emittente", "Help desk of the card issuer"),
				Does: office.T("Cerca un consumatore, vede le operazioni, cancella su richiesta.",
					"Looks consumers up, sees operations, deletes on request."),
			},
		},
		{
			area: office.Platform, key: s.operatorKey(),
			claims: &devissuer.Claims{Subject: consumers.RoleOperator, Role: consumers.RoleOperator},
			Person: office.Person{
				ID: "operator", Name: office.T("Gestore", "Operator"),
				Role: office.T("Gestore della piattaforma", "Operator of the platform"),
				Does: office.T("Controlla cancellazioni programmate, carichi e code.", "Watches the purge, the ledger and the queues."),
			},
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
