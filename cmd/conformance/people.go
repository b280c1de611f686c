package main

import (
	"context"
	"net/http"
	"strings"

	"github.com/google/uuid"
)

// crowd are those who call.
type crowd struct {
	producer, consumer *caller
	stranger           *caller // has no part in what these two do
	certifier          *caller
	readers            map[string]*caller // may only read, by the id of the organization
	tokens             map[*caller]string
	owner, other       *caller // of services
	reviewer           *caller
}

// gather gets the sandbox's credentials.
func (w *world) gather(ctx context.Context) (*crowd, error) {
	p := &crowd{readers: map[string]*caller{}, tokens: map[*caller]string{}}
	for _, one := range []struct {
		name, query string
		to          **caller
	}{
		{"producer", "role=m2m-admin&organizationName=Region&origin=IPA&value=r_region", &p.producer},
		{"consumer", "role=m2m-admin&organizationName=Municipality&origin=IPA&value=c_a001", &p.consumer},
		{"stranger", "role=m2m-admin", &p.stranger},
		{"certifier", "role=certifier&organizationName=Ministry&origin=IPA&value=m_ministry", &p.certifier},
	} {
		id := uuid.NewString()
		token, err := w.text(ctx, "/_local/token?organizationId="+id+"&"+one.query)
		if err != nil {
			return nil, err
		}
		reader, err := w.text(ctx, "/_local/token?role=m2m&organizationId="+id)
		if err != nil {
			return nil, err
		}
		*one.to = &caller{name: one.name, id: id, authorize: header("Authorization", "Bearer "+token)}
		p.tokens[*one.to] = token
		p.readers[id] = &caller{name: one.name + "'s reader", id: id, authorize: header("Authorization", "Bearer "+reader)}
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
	return p, nil
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

// interopDoor are the credentials that the interop product refuses.
var interopDoor = []intruder{
	{name: "no credential", by: nobody},
	{name: "another scheme", by: with("Authorization", "Basic dXNlcjpwYXNzd29yZA==")},
	{name: "a scheme without a token", by: with("Authorization", "Bearer")},
	{name: "a token that is none", by: with("Authorization", "Bearer x")},
	{name: "a token that nobody signed", by: with("Authorization", "Bearer eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmF0dXJl")},
	{name: "DPoP without a proof", by: func(p *crowd, sample call) *caller {
		return &caller{name: "DPoP", authorize: header("Authorization", "DPoP "+p.tokens[sample.by])}
	}},
	{name: "DPoP with a proof that is none", by: func(p *crowd, sample call) *caller {
		return &caller{name: "DPoP", authorize: func(r *http.Request) error {
			r.Header.Set("Authorization", "DPoP "+p.tokens[sample.by])
			r.Header.Set("DPoP", "x.y.z")
			return nil
		}}
	}},
	{name: "a role that may only read", reads: true, by: func(p *crowd, sample call) *caller {
		if sample.by == nil {
			return nil
		}
		return p.readers[sample.by.id]
	}},
}

// servicesDoor are the keys that the services product refuses.
var servicesDoor = []intruder{
	{name: "no key", by: nobody},
	{name: "a key that is none", by: with("Ocp-Apim-Subscription-Key", "x")},
	{name: "an unknown key", by: with("Ocp-Apim-Subscription-Key", strings.Repeat("0", 32))},
	{name: "a token", by: with("Authorization", "Bearer x")},
}

func lower(text string) string { return strings.ToLower(text) }
