package eservice

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
)

const tagRequirements = "Attributes required by a descriptor"

// requirement makes the operations on the required attributes of a kind; view shows an
// attribute as clients read it.
type requirement[V any] struct {
	kind attribute.Kind
	view func(*attribute.Attribute) V
}

var (
	ofCertified = requirement[attribute.CertifiedView]{attribute.Certified, (*attribute.Attribute).CertifiedView}
	ofDeclared  = requirement[attribute.View]{attribute.Declared, (*attribute.Attribute).View}
	ofVerified  = requirement[attribute.View]{attribute.Verified, (*attribute.Attribute).View}
)

// The operations on required attributes, by kind.
var (
	ListCertifiedAttributes  = api.Made{By: func() api.Op { return ofCertified.list() }}
	CreateCertifiedGroup     = api.Made{By: func() api.Op { return ofCertified.create() }}
	AddCertifiedAttributes   = api.Made{By: func() api.Op { return ofCertified.add() }}
	RemoveCertifiedAttribute = api.Made{By: func() api.Op { return ofCertified.remove() }}

	ListDeclaredAttributes  = api.Made{By: func() api.Op { return ofDeclared.list() }}
	CreateDeclaredGroup     = api.Made{By: func() api.Op { return ofDeclared.create() }}
	AddDeclaredAttributes   = api.Made{By: func() api.Op { return ofDeclared.add() }}
	RemoveDeclaredAttribute = api.Made{By: func() api.Op { return ofDeclared.remove() }}

	ListVerifiedAttributes  = api.Made{By: func() api.Op { return ofVerified.list() }}
	CreateVerifiedGroup     = api.Made{By: func() api.Op { return ofVerified.create() }}
	AddVerifiedAttributes   = api.Made{By: func() api.Op { return ofVerified.add() }}
	RemoveVerifiedAttribute = api.Made{By: func() api.Op { return ofVerified.remove() }}
)

func (r requirement[V]) word() string { return strings.ToLower(string(r.kind)) }

func (r requirement[V]) path() string { return descriptorPath + "/" + r.word() + "Attributes" }

func (r requirement[V]) groupPath() string { return r.path() + "/groups/{groupIndex}/attributes" }

func (r requirement[V]) attributePath() string { return r.groupPath() + "/{attributeId}" }

func (r requirement[V]) list() api.Operation[Store, RequirementsInput, RequirementsOutput[V]] {
	return api.Operation[Store, RequirementsInput, RequirementsOutput[V]]{
		Spec: func() api.Spec {
			return api.Spec{
				ID: "eservice/list-" + r.word() + "-attributes", OperationID: "getEServiceDescriptor" + r.kind.Name() + "Attributes",
				Method: http.MethodGet, Path: r.path(), Tag: tagRequirements,
				Summary:     "List required " + r.word() + " attributes",
				Description: "The " + r.word() + " attributes that a descriptor requires, by group; of a draft for the producer alone.",
				Product:     interop.Product, Scopes: interop.Readers, Status: http.StatusOK,
				Problems: []problem.Code{interop.EServiceNotFound, interop.DescriptorUnknown},
				Access:   interop.Access("BatchGetItem", "Query"),
			}
		},
		Open: NewStore,
		Run: func(s *Store, ctx context.Context, in *RequirementsInput) (*RequirementsOutput[V], error) {
			c, err := s.getVisible(ctx, in.EServiceID)
			if err != nil {
				return nil, err
			}
			d := c.Find(in.DescriptorID)
			if d == nil {
				return nil, descriptorNotFound(interop.DescriptorUnknown, in.EServiceID, in.DescriptorID)
			}
			page, pagination := interop.Page(in.Paged, d.inGroups(r.kind))
			registry, err := attribute.Find(ctx, s.db, attributeIDs(page)...)
			if err != nil {
				return nil, err
			}
			out := &RequirementsOutput[V]{}
			out.Body.Pagination = pagination
			out.Body.Results, err = r.views(page, registry)
			return out, err
		},
	}
}

// inGroups returns the ids of the required attributes of a kind, group by group.
func (r *Requirements) inGroups(kind attribute.Kind) []InGroup[string] {
	var all []InGroup[string]
	for i, group := range *r.Groups(kind) {
		for _, required := range group {
			all = append(all, InGroup[string]{GroupIndex: i, Attribute: required.AttributeID, DailyCallsPerConsumer: required.DailyCallsPerConsumer})
		}
	}
	return all
}

func attributeIDs(page []InGroup[string]) []string {
	ids := make([]string, len(page))
	for i, one := range page {
		ids[i] = one.Attribute
	}
	return ids
}

// views shows attributes as they are in the registry, from which none is ever removed.
func (r requirement[V]) views(page []InGroup[string], registry map[string]*attribute.Attribute) ([]InGroup[V], error) {
	views := make([]InGroup[V], len(page))
	for i, one := range page {
		a := registry[one.Attribute]
		if a == nil {
			return nil, fmt.Errorf("attribute %s is required and not in the registry", one.Attribute)
		}
		views[i] = InGroup[V]{GroupIndex: one.GroupIndex, Attribute: r.view(a), DailyCallsPerConsumer: one.DailyCallsPerConsumer}
	}
	return views, nil
}

func (r requirement[V]) create() api.Operation[Store, NewGroupInput, GroupOutput[V]] {
	return api.Operation[Store, NewGroupInput, GroupOutput[V]]{
		Spec: func() api.Spec {
			return api.Spec{
				ID: "eservice/create-" + r.word() + "-group", OperationID: "createEServiceDescriptor" + r.kind.Name() + "AttributesGroup",
				Method: http.MethodPost, Path: r.path() + "/groups", Tag: tagRequirements,
				Summary: "Create a group of " + r.word() + " attributes",
				Description: "Adds a group of attributes to a draft, of which a consumer has to own one. " +
					"A group without attributes requires nothing.",
				Product: interop.Product, Scopes: interop.Writers, Status: http.StatusCreated,
				Problems: []problem.Code{
					interop.DescriptorUnknown, interop.RequiredNotInRegistry, interop.RequiredTwiceInGroup,
					interop.DescriptorNotValid, interop.EServiceNotFound, interop.NotTheEServiceProducer,
				},
				Access: interop.Access("BatchGetItem", "PutItem", "Query"),
			}
		},
		Open: NewStore,
		Run: func(s *Store, ctx context.Context, in *NewGroupInput) (*GroupOutput[V], error) {
			ids := in.Body.AttributeIDs
			after, err := s.update(ctx, in.EServiceID, requireGroup(in.DescriptorID, r.kind, ids), ids...)
			if err != nil {
				return nil, err
			}
			all := after.Find(in.DescriptorID).inGroups(r.kind)
			out := &GroupOutput[V]{}
			out.Body.Attributes, err = r.views(all[len(all)-len(ids):], after.attributes)
			return out, err
		},
	}
}

func (r requirement[V]) add() api.Operation[Store, GroupInput, interop.Void] {
	return api.Operation[Store, GroupInput, interop.Void]{
		Spec: func() api.Spec {
			return api.Spec{
				ID:          "eservice/add-" + r.word() + "-attributes",
				OperationID: "assignEServiceDescriptor" + r.kind.Name() + "AttributesToGroup",
				Method:      http.MethodPost, Path: r.groupPath(), Tag: tagRequirements,
				Summary: "Add " + r.word() + " attributes to a group",
				Description: "Adds attributes to a group, so that consumers have more to choose from. " +
					"The descriptor must not be archived.",
				Product: interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
				Problems: []problem.Code{
					interop.DescriptorUnknown, interop.RequiredGroupNotFound, interop.RequiredNotInRegistry, interop.RequiredTwiceInGroup,
					interop.UnchangedAttributes, interop.DescriptorNotValid, interop.EServiceNotFound, interop.NotTheEServiceProducer,
				},
				Access: interop.Access("BatchGetItem", "PutItem", "Query"),
			}
		},
		Open: NewStore,
		Run: func(s *Store, ctx context.Context, in *GroupInput) (*interop.Void, error) {
			ids := in.Body.AttributeIDs
			_, err := s.update(ctx, in.EServiceID, requireAttributes(in.GroupPath, r.kind, ids), ids...)
			return &interop.Void{}, err
		},
	}
}

func (r requirement[V]) remove() api.Operation[Store, RequiredInput, interop.Void] {
	return api.Operation[Store, RequiredInput, interop.Void]{
		Spec: func() api.Spec {
			return api.Spec{
				ID:          "eservice/remove-" + r.word() + "-attribute",
				OperationID: "deleteEServiceDescriptor" + r.kind.Name() + "AttributeFromGroup",
				Method:      http.MethodDelete, Path: r.attributePath(), Tag: tagRequirements,
				Summary: "Remove a " + r.word() + " attribute from a group",
				Description: "Removes an attribute from a group of a draft. " +
					"A group that becomes empty is removed, and the indices of the later groups decrease.",
				Product: interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
				Problems: []problem.Code{
					interop.DescriptorUnknown, interop.RequiredGroupNotFound, interop.RequiredNotFound,
					interop.DescriptorNotValid, interop.EServiceNotFound, interop.NotTheEServiceProducer,
				},
				Access: interop.Access("PutItem", "Query"),
			}
		},
		Open: NewStore,
		Run: func(s *Store, ctx context.Context, in *RequiredInput) (*interop.Void, error) {
			_, err := s.update(ctx, in.EServiceID, removeRequired(in.RequiredPath, r.kind))
			return &interop.Void{}, err
		},
	}
}

// UpdateCertifiedAttribute changes the quota of consumers that own a certified attribute.
var UpdateCertifiedAttribute = api.Operation[Store, AttributeQuotaInput, interop.Void]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "eservice/update-certified-attribute", OperationID: "updateEServiceDescriptorCertifiedAttributeInGroup",
			Method: http.MethodPatch, Path: ofCertified.attributePath(), Tag: tagRequirements,
			Summary: "Update the quota of a certified attribute",
			Description: "Gives consumers that own an attribute of a group another limit of calls a day; a merge patch. " +
				"The descriptor must not be archived.",
			Product: interop.Product, Scopes: interop.Writers, Status: http.StatusOK,
			Problems: []problem.Code{
				interop.DescriptorNotFound, interop.QuotaGroupNotFound, interop.RequiredNotInRegistry, interop.UnchangedAttributes,
				interop.InconsistentDailyCalls, interop.DescriptorNotValid, interop.EServiceNotFound, interop.NotTheEServiceProducer,
			},
			Access:  interop.Access("PutItem", "Query"),
			Without: interop.NotInV2,
		}
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *AttributeQuotaInput) (*interop.Void, error) {
		_, err := s.update(ctx, in.EServiceID, setQuota(in.RequiredPath, *in.Body.DailyCallsPerConsumer))
		return &interop.Void{}, err
	},
}
