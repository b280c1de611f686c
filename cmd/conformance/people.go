package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
)

// crowd are those who call.
type crowd struct {
	producer, consumer *caller
	stranger           *caller // has no part in what these two do
	certifier          *caller
	readers            map[string]*caller // may only read, by the id of the organization
	token              string             // of the producer, bound to no key
	bound              *apiClient         // of the consumer; nil where the document has no DPoP
	orphan, gone       *caller            // of the consumer: API clients without their admin, and deleted
	owner, other       *caller            // of services
	reviewer           *caller
}

// gather gets the sandbox's credentials.
func (w *world) gather(ctx context.Context) (*crowd, error) {
	p := &crowd{readers: map[string]*caller{}}
	for _, one := range []struct {
		name, query string
		to          **caller
	}{
		{"producer", "role=m2m-admin&organizationName=Region&origin=IPA&value=r_region", &p.producer},
		{"consumer", "role=m2m-admin&organizationName=Municipality&origin=IPA&value=c_a001", &p.consumer},
		{"stranger", "role=m2m-admin", &p.stranger},
		{"certifier", "role=certifier&organizationName=Ministry&origin=IPA&value=m_ministry", &p.certifier},
	} {
		var err error
		if *one.to, err = w.bearer(ctx, one.name, one.query, p); err != nil {
			return nil, err
		}
	}
	for query, to := range map[string]**caller{
		"owner=comune": &p.owner, "owner=regione": &p.other, "owner=platform&role=reviewer": &p.reviewer,
	} {
		key, err := w.text(ctx, "/_local/key?"+query)
		if err != nil {
			return nil, err
		}
		*to = &caller{name: query, authorize: header("Ocp-Apim-Subscription-Key", key)}
	}
	return p, w.enroll(ctx, p)
}

// bearer is a new organization with tokens of the sandbox. Its first call records it.
func (w *world) bearer(ctx context.Context, name, query string, p *crowd) (*caller, error) {
	id := uuid.NewString()
	token, err := w.text(ctx, "/_local/token?organizationId="+id+"&"+query)
	if err != nil {
		return nil, err
	}
	reader, err := w.text(ctx, "/_local/token?role=m2m&organizationId="+id)
	if err != nil {
		return nil, err
	}
	if p.token == "" {
		p.token = token
	}
	p.readers[id] = &caller{name: name + "'s reader", id: id, authorize: header("Authorization", "Bearer "+reader)}
	c := &caller{name: name, id: id, authorize: header("Authorization", "Bearer "+token)}
	_, err = w.exchange(ctx, call{by: c, method: http.MethodGet}, w.url+"/tenants/"+id)
	return c, err
}

// enroll has consumer and stranger call by API clients: bound to a key where the document
// has DPoP, as bearers in other editions of the same API.
func (w *world) enroll(ctx context.Context, p *crowd) error {
	if w.contract.title != pdnd {
		return nil
	}
	for _, one := range []*caller{p.consumer, p.stranger} {
		admin, err := w.newAPIClient(ctx, one.id, "m2m-admin", w.contract.proves)
		if err != nil {
			return err
		}
		reader, err := w.newAPIClient(ctx, one.id, "m2m", w.contract.proves)
		if err != nil {
			return err
		}
		one.user, one.authorize, p.readers[one.id].authorize = admin.user, admin.authorize, reader.authorize
		if one == p.consumer && w.contract.proves {
			p.bound = admin
		}
	}
	var err error
	if p.orphan, err = w.outdated(ctx, p.consumer, "/clients/%[1]s/admin/%[2]s"); err == nil {
		p.gone, err = w.outdated(ctx, p.consumer, "/clients/%[1]s")
	}
	return err
}

// outdated is an API client with an access token that says more than is true since path, of
// the client's id and its admin's, was deleted.
func (w *world) outdated(ctx context.Context, owner *caller, path string) (*caller, error) {
	c, err := w.newAPIClient(ctx, owner.id, "m2m-admin", w.contract.proves)
	if err != nil {
		return nil, err
	}
	if _, err := c.access(ctx); err != nil {
		return nil, err
	}
	c.until = time.Now().Add(time.Hour) // as it gets no other one
	path = fmt.Sprintf(path, c.id, c.user)
	a, err := w.exchange(ctx, call{by: owner, method: http.MethodDelete}, w.url+path)
	if err == nil && a.status/100 != 2 {
		err = fmt.Errorf("DELETE %s is answered with %d %s", path, a.status, a.raw)
	}
	return &caller{name: owner.name + "'s outdated client", id: owner.id, authorize: c.authorize}, err
}

// everybody are those who may try an operation that another one of them may call.
func (p *crowd) everybody(by *caller) []*caller {
	switch {
	case by == nil:
		return nil
	case by.id == "":
		return []*caller{p.owner, p.other}
	}
	return []*caller{p.producer, p.consumer, p.stranger, p.certifier}
}

// with is a credential in a header.
func with(name, value string) func(*crowd, call) *caller {
	return func(*crowd, call) *caller { return &caller{name: value, authorize: header(name, value)} }
}

func nobody(*crowd, call) *caller { return nil }

// servicesDoor are the keys that the services product refuses.
var servicesDoor = []intruder{
	{name: "no key", by: nobody},
	{name: "a key that is none", by: with("Ocp-Apim-Subscription-Key", "x")},
	{name: "an unknown key", by: with("Ocp-Apim-Subscription-Key", strings.Repeat("0", 32))},
	{name: "a token", by: with("Authorization", "Bearer x")},
}
