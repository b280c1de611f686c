package attribute

import (
	"context"
	"strings"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
)

// Operations lists the operations on the registry.
func Operations() []api.Op {
	return []api.Op{
		ListCertified, CreateCertified, GetCertified,
		ListDeclared, CreateDeclared, GetDeclared,
		ListVerified, CreateVerified, GetVerified,
	}
}

// CreateCertified makes a certified attribute of the caller, who is its certifier.
var CreateCertified = api.Made{By: func() api.Op {
	return create[CertifiedSeed](Certified, (*Attribute).CertifiedView, interop.NotACertifier)
}}

// GetCertified reads a certified attribute.
var GetCertified = api.Made{By: func() api.Op { return get(Certified, (*Attribute).CertifiedView) }}

// ListCertified lists the certified attributes.
var ListCertified = api.Made{By: func() api.Op { return list(Certified, (*Attribute).CertifiedView) }}

// CreateDeclared makes a declared attribute.
var CreateDeclared = api.Made{By: func() api.Op { return create[Seed](Declared, (*Attribute).View) }}

// GetDeclared reads a declared attribute.
var GetDeclared = api.Made{By: func() api.Op { return get(Declared, (*Attribute).View) }}

// ListDeclared lists the declared attributes.
var ListDeclared = api.Made{By: func() api.Op { return list(Declared, (*Attribute).View) }}

// CreateVerified makes a verified attribute.
var CreateVerified = api.Made{By: func() api.Op { return create[Seed](Verified, (*Attribute).View) }}

// GetVerified reads a verified attribute.
var GetVerified = api.Made{By: func() api.Op { return get(Verified, (*Attribute).View) }}

// ListVerified lists the verified attributes.
var ListVerified = api.Made{By: func() api.Op { return list(Verified, (*Attribute).View) }}

const tag = "Attributes"

func (k Kind) word() string { return strings.ToLower(string(k)) }

// path is where the attributes of a kind are: /certifiedAttributes.
func (k Kind) path() string { return "/" + k.word() + "Attributes" }

// create is the operation that makes an attribute of a kind from what S says.
func create[S seed, V any](kind Kind, show func(*Attribute) V, problems ...problem.Code) api.Operation[Store, CreateInput[S], Output[V]] {
	spec := interop.Creating("attribute/create-"+kind.word(), kind.path(), tag, "Create a "+kind.word()+" attribute",
		"Adds an attribute to the registry, where its name is new among the "+kind.word()+" ones, whatever its case.",
		[]string{"PutItem"}, append(problems, interop.AttributeDuplicate)...)
	if kind == Certified {
		spec.Description += " The caller becomes its certifier, for which its code is new."
		spec.Scopes = interop.Certifiers
	}
	return api.Operation[Store, CreateInput[S], Output[V]]{
		Spec: func() api.Spec {
			return spec
		},
		Open: NewStore,
		Run: func(s *Store, ctx context.Context, in *CreateInput[S]) (*Output[V], error) {
			a := in.Body.attribute(interop.Caller(ctx))
			a.Kind = kind
			if err := s.add(ctx, a); err != nil {
				return nil, err
			}
			return &Output[V]{Body: show(a)}, nil
		},
	}
}

// get is the operation that reads an attribute of a kind.
func get[V any](kind Kind, show func(*Attribute) V) api.Operation[Store, GetInput, Output[V]] {
	return api.Operation[Store, GetInput, Output[V]]{
		Spec: func() api.Spec {
			return interop.Reading("attribute/get-"+kind.word(), kind.path()+"/{attributeId}", tag, "Get a "+kind.word()+" attribute",
				"An attribute of the registry.", nil, interop.AttributeNotFound, interop.AttributeOtherKind)
		},
		Open: NewStore,
		Run: func(s *Store, ctx context.Context, in *GetInput) (*Output[V], error) {
			a, err := s.get(ctx, kind, in.AttributeID)
			if err != nil {
				return nil, err
			}
			return &Output[V]{Body: show(a)}, nil
		},
	}
}

// list is the operation that lists the attributes of a kind.
func list[V any](kind Kind, show func(*Attribute) V) api.Operation[Store, ListInput, ListOutput[V]] {
	return api.Operation[Store, ListInput, ListOutput[V]]{
		Spec: func() api.Spec {
			return interop.Reading("attribute/list-"+kind.word(), kind.path(), tag, "List "+kind.word()+" attributes",
				"The "+kind.word()+" attributes of the registry, by name.", []string{"Query"})
		},
		Open: NewStore,
		Run: func(s *Store, ctx context.Context, in *ListInput) (*ListOutput[V], error) {
			all, err := s.list(ctx, kind)
			if err != nil {
				return nil, err
			}
			page, pagination := interop.Page(in.Paged, all)
			out := &ListOutput[V]{}
			out.Body.Pagination, out.Body.Results = pagination, make([]V, len(page))
			for i, a := range page {
				out.Body.Results[i] = show(a)
			}
			return out, nil
		},
	}
}
