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

// requirement makes the operations on the required attributes of a kind, of which
// view is what clients read.
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

// changing is the Spec of an operation on what a descriptor requires.
func (r requirement[V]) changing(id, method, path, summary, description string, actions []string, problems ...problem.Code) api.Spec {
	return writing(id, method, path, tagRequirements, summary, description, append(actions, "PutItem", "Query"),
		append(problems, interop.DescriptorNotValid)...)
}

func (r requirement[V]) list() api.Operation[Store, RequirementsInput, RequirementsOutput[V]] {
	return api.Operation[Store, RequirementsInput, RequirementsOutput[V]]{
		Spec: func() api.Spec {
			return interop.Reading("eservice/list-"+r.word()+"-attributes", r.path(), tagRequirements, "List required "+r.word()+" attributes",
				"The "+r.word()+" attributes that a descriptor requires, by group; of a draft for the producer alone.",
				[]string{"BatchGetItem", "Query"}, interop.EServiceNotFound, interop.DescriptorUnknown)
		},
		Open: NewStore,
		Run: func(s *Store, ctx context.Context, in *RequirementsInput) (*RequirementsOutput[V], error) {
			c, err := s.see(ctx, in.EServiceID)
			if err != nil {
				return nil, err
			}
			d := c.Find(in.DescriptorID)
			if d == nil {
				return nil, descriptorNotFound(interop.DescriptorUnknown, in.EServiceID, in.DescriptorID)
			}
			out := &RequirementsOutput[V]{}
			var page []InGroup[string]
			page, out.Body.Pagination = interop.Page(in.Paged, d.flat(r.kind))
			known, err := attribute.Find(ctx, s.db, idsOf(page)...)
			if err != nil {
				return nil, err
			}
			out.Body.Results, err = r.views(page, known)
			return out, err
		},
	}
}

// flat is the groups of a kind, one after another.
func (r *Requirements) flat(kind attribute.Kind) (all []InGroup[string]) {
	for i, group := range *r.Of(kind) {
		for _, required := range group {
			all = append(all, InGroup[string]{i, required.AttributeID})
		}
	}
	return all
}

func idsOf(page []InGroup[string]) []string {
	ids := make([]string, len(page))
	for i, one := range page {
		ids[i] = one.Attribute
	}
	return ids
}

// views shows attributes as they are in the registry, which never loses one.
func (r requirement[V]) views(page []InGroup[string], known map[string]*attribute.Attribute) ([]InGroup[V], error) {
	views := make([]InGroup[V], len(page))
	for i, one := range page {
		a := known[one.Attribute]
		if a == nil {
			return nil, fmt.Errorf("attribute %s is required and not in the registry", one.Attribute)
		}
		views[i] = InGroup[V]{one.GroupIndex, r.view(a)}
	}
	return views, nil
}

func (r requirement[V]) create() api.Operation[Store, NewGroupInput, GroupOutput[V]] {
	spec := r.changing("eservice/create-"+r.word()+"-group", http.MethodPost, r.path()+"/groups", "Create a group of "+r.word()+" attributes",
		"Makes a consumer of a draft need one more attribute: one of the group. A group without attributes asks for nothing.", []string{"BatchGetItem"},
		interop.DescriptorUnknown, interop.RequiredNotInRegistry, interop.RequiredTwiceInGroup)
	spec.Status = http.StatusCreated
	return api.Operation[Store, NewGroupInput, GroupOutput[V]]{
		Spec: func() api.Spec {
			return spec
		},
		Open: NewStore,
		Run: func(s *Store, ctx context.Context, in *NewGroupInput) (*GroupOutput[V], error) {
			known, err := attribute.Find(ctx, s.db, in.Body.AttributeIDs...)
			if err != nil {
				return nil, err
			}
			after, err := s.apply(ctx, in.EServiceID, requireGroup(in.DescriptorID, r.kind, in.Body.AttributeIDs, known))
			if err != nil {
				return nil, err
			}
			all := after.Find(in.DescriptorID).flat(r.kind)
			out := &GroupOutput[V]{}
			out.Body.Attributes, err = r.views(all[len(all)-len(in.Body.AttributeIDs):], known)
			return out, err
		},
	}
}

func (r requirement[V]) add() api.Operation[Store, GroupInput, interop.Void] {
	return api.Operation[Store, GroupInput, interop.Void]{
		Spec: func() api.Spec {
			return r.changing("eservice/add-"+r.word()+"-attributes", http.MethodPost, r.groupPath(), "Add "+r.word()+" attributes to a group",
				"Gives the consumers of a descriptor more attributes to choose from; not of one that is archived.", []string{"BatchGetItem"},
				interop.DescriptorUnknown, interop.RequiredGroupNotFound, interop.RequiredNotInRegistry, interop.RequiredTwiceInGroup, interop.UnchangedAttributes)
		},
		Open: NewStore,
		Run: func(s *Store, ctx context.Context, in *GroupInput) (*interop.Void, error) {
			known, err := attribute.Find(ctx, s.db, in.Body.AttributeIDs...)
			if err != nil {
				return nil, err
			}
			_, err = s.apply(ctx, in.EServiceID, requireAttributes(in.OfGroup, r.kind, in.Body.AttributeIDs, known))
			return &interop.Void{}, err
		},
	}
}

func (r requirement[V]) remove() api.Operation[Store, RequiredInput, interop.Void] {
	return api.Operation[Store, RequiredInput, interop.Void]{
		Spec: func() api.Spec {
			return r.changing("eservice/remove-"+r.word()+"-attribute", http.MethodDelete, r.attributePath(), "Remove a "+r.word()+" attribute from a group",
				"Takes an attribute out of a group of a draft. The group goes with its last one, and the later groups move down.", nil,
				interop.DescriptorUnknown, interop.RequiredGroupNotFound, interop.RequiredNotFound)
		},
		Open: NewStore,
		Run: func(s *Store, ctx context.Context, in *RequiredInput) (*interop.Void, error) {
			_, err := s.apply(ctx, in.EServiceID, removeRequired(in.OfRequired, r.kind))
			return &interop.Void{}, err
		},
	}
}

// UpdateCertifiedAttribute changes the quota of those who own a certified attribute.
var UpdateCertifiedAttribute = api.Operation[Store, AttributeQuotaInput, interop.Void]{
	Spec: func() api.Spec {
		return ofCertified.changing("eservice/update-certified-attribute", http.MethodPatch, ofCertified.attributePath(), "Update the quota of a certified attribute",
			"Gives consumers who own an attribute of a group another limit of calls a day; a merge patch. Not of a descriptor that is archived.", nil,
			interop.DescriptorNotFound, interop.QuotaGroupNotFound, interop.RequiredNotInRegistry, interop.UnchangedAttributes, interop.InconsistentDailyCalls)
	},
	Open: NewStore,
	Run: func(s *Store, ctx context.Context, in *AttributeQuotaInput) (*interop.Void, error) {
		_, err := s.apply(ctx, in.EServiceID, setQuota(in.OfRequired, *in.Body.DailyCallsPerConsumer))
		return &interop.Void{}, err
	},
}
