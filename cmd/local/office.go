package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"net/http"
	"net/http/httptest"

	"ciclo/cmd/internal/devissuer"
	"ciclo/shared/office"
	"ciclo/shared/office/page"
	"ciclo/shared/platform/seal"
	"ciclo/shared/services"
)

// officeBase precedes the paths of the front office.
const officeBase = "/office"

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
		Base: officeBase, Home: officeBase + startPath, APIs: map[string]office.Remote{}, SignIn: persons, Key: key, Now: s.clock.now, Log: s.log,
	}
	for _, p := range s.products {
		c.APIs[p.Name] = office.Remote{URL: s.url, Keyed: p.Name == services.Product.Name, Transport: inProcess{http.HandlerFunc(s.serve)}}
	}
	return page.New(c, s.startWing())
}

// session returns a session with new credentials of a person.
func (s *sandbox) session(ctx context.Context, p person) (office.Session, error) {
	session := office.Session{
		Person: p.ID, Name: p.Name, OrganizationName: p.Organization, Areas: []office.Area{p.area}, Expires: s.clock.now().Add(devissuer.TTL),
	}
	if p.claims != nil {
		session.Organization = cmp.Or(p.claims.Organization, p.claims.Subject)
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
