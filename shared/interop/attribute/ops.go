package attribute

import (
	"context"
	"net/http"
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

// CreateCertified makes a certified attribute, with the caller as its certifier.
var CreateCertified = api.Made{By: func() api.Op {
	return create[CertifiedSeed](Certified, (*Attribute).CertifiedView)
}}

// GetCertified reads a certified attribute.
var GetCertified = api.Made{By: func() api.Op { return get(Certified, (*Attribute).CertifiedView) }}

// ListCertified lists the certified attributes.
var ListCertified = api.Made{By: func() api.Op { return listOf(Certified, (*Attribute).CertifiedView) }}

// CreateDeclared makes a declared attribute.
var CreateDeclared = api.Made{By: func() api.Op { return create[Seed](Declared, (*Attribute).View) }}

// GetDeclared reads a declared attribute.
var GetDeclared = api.Made{By: func() api.Op { return get(Declared, (*Attribute).View) }}

// ListDeclared lists the declared attributes.
var ListDeclared = api.Made{By: func() api.Op { return listOf(Declared, (*Attribute).View) }}

// CreateVerified makes a verified attribute.
var CreateVerified = api.Made{By: func() api.Op { return create[Seed](Verified, (*Attribute).View) }}

// GetVerified reads a verified attribute.
var GetVerified = api.Made{By: func() api.Op { return get(Verified, (*Attribute).View) }}

// ListVerified lists the verified attributes.
var ListVerified = api.Made{By: func() api.Op { return listOf(Verified, (*Attribute).View) }}

const tag = "Attributes"

func (k Kind) word() string { return strings.ToLower(string(k)) }

// Name returns the kind as operation ids have it, such as Certified.
func (k Kind) Name() string { return string(k[:1]) + k[1:].word() }

// path returns the path of the attributes of a kind, such as /certifiedAttributes.
func (k Kind) path() string { return "/" + k.word() + "Attributes" }

// create makes the operation that adds an attribute of a kind to the registry.
func create[S seed, V any](kind Kind, show func(*Attribute) V) api.Operation[Store, CreateInput[S], Output[V]] {
	return api.Operation[Store, CreateInput[S], Output[V]]{
		Spec: func() api.Spec {
			spec := api.Spec{
				ID: "attribute/create-" + kind.word(), OperationID: "create" + kind.Name() + "Attribute",
				Method: http.MethodPost, Path: kind.path(), Tag: tag,
				Summary: "Create a " + kind.word() + " attribute",
				Description: "Adds an attribute to the registry. " +
					"Its name has to be new among the " + kind.word() + " attributes, regardless of case.",
				Product: interop.Product, Scopes: interop.Writers, Status: http.StatusCreated,
				Problems: []problem.Code{interop.AttributeDuplicate},
				Access:   interop.Access("PutItem"),
			}
			if kind == Certified {
				spec.Description += " The caller becomes its certifier, and its code has to be new among the caller's."
				spec.Scopes = interop.Certifiers
				spec.Problems = []problem.Code{interop.NotACertifier, interop.AttributeDuplicate}
			}
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

// get makes the operation that reads an attribute of a kind.
func get[V any](kind Kind, show func(*Attribute) V) api.Operation[Store, GetInput, Output[V]] {
	return api.Operation[Store, GetInput, Output[V]]{
		Spec: func() api.Spec {
			return api.Spec{
				ID: "attribute/get-" + kind.word(), OperationID: "get" + kind.Name() + "Attribute",
				Method: http.MethodGet, Path: kind.path() + "/{attributeId}", Tag: tag,
				Summary:     "Get a " + kind.word() + " attribute",
				Description: "An attribute of the registry.",
				Product:     interop.Product, Scopes: interop.Readers, Status: http.StatusOK,
				Problems: []problem.Code{interop.AttributeNotFound, interop.AttributeOtherKind},
				Access:   interop.Access(),
			}
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

// listOf makes the operation that lists the attributes of a kind.
func listOf[V any](kind Kind, show func(*Attribute) V) api.Operation[Store, ListInput, ListOutput[V]] {
	return api.Operation[Store, ListInput, ListOutput[V]]{
		Spec: func() api.Spec {
			return api.Spec{
				ID: "attribute/list-" + kind.word(), OperationID: "get" + kind.Name() + "Attributes",
				Method: http.MethodGet, Path: kind.path(), Tag: tag,
				Summary:     "List " + kind.word() + " attributes",
				Description: "The " + kind.word() + " attributes of the registry, by name.",
				Product:     interop.Product, Scopes: interop.Readers, Status: http.StatusOK,
				Access: interop.Access("BatchGetItem", "Query"),
			}
		},
		Open: NewStore,
		Run: func(s *Store, ctx context.Context, in *ListInput) (*ListOutput[V], error) {
			page, pagination, err := s.list(ctx, kind, in.Paged)
			if err != nil {
				return nil, err
			}
			out := &ListOutput[V]{}
			out.Body.Pagination = pagination
			out.Body.Results = make([]V, len(page))
			for i, a := range page {
				out.Body.Results[i] = show(a)
			}
			return out, nil
		},
	}
}
