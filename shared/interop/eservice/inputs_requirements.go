package eservice

import (
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"ciclo/shared/interop"
	"ciclo/shared/platform/problem"
)

// OfGroup is embedded by the inputs that name a group of attributes in their path.
type OfGroup struct {
	OfDescriptor
	GroupIndex int `path:"groupIndex" minimum:"0" doc:"Index of the group among those of this kind, from 0"`
}

// Resolve implements [huma.Resolver]: it refuses what strconv would let pass, a sign
// and leading zeros.
func (g OfGroup) Resolve(ctx huma.Context) []error {
	if ctx.Param("groupIndex") == strconv.Itoa(g.GroupIndex) {
		return nil
	}
	return []error{&huma.ErrorDetail{Location: "path.groupIndex", Message: "expected a whole number in decimal digits"}}
}

// OfRequired is embedded by the inputs that name an attribute of a group in their path.
type OfRequired struct {
	OfGroup
	AttributeID string `path:"attributeId" format:"uuid" doc:"Id of the attribute"`
}

// RequirementsInput asks for a page of the attributes that a descriptor requires.
type RequirementsInput struct {
	OfDescriptor
	interop.Paged
}

// GroupSeed is attributes for a group.
type GroupSeed struct {
	_            struct{} `json:"-" additionalProperties:"false"`
	AttributeIDs []string `json:"attributeIds" maxItems:"50" nullable:"false" format:"uuid" doc:"Attributes of the registry, of the path's kind, each once"`
}

// NewGroupInput is a new group.
type NewGroupInput struct {
	OfDescriptor
	Body GroupSeed
}

// GroupInput is more attributes for a group.
type GroupInput struct {
	OfGroup
	Body GroupSeed
}

// RequiredInput names an attribute of a group.
type RequiredInput struct{ OfRequired }

// Check implements [api.Checked]: a patch of nothing is refused, as published.
func (in *AttributeQuotaInput) Check() []problem.Field {
	if in.Body.DailyCallsPerConsumer != nil {
		return nil
	}
	return []problem.Field{{Name: "body.dailyCallsPerConsumer", Code: interop.BadRequest.Name, Detail: "expected a value, as nothing else can be changed"}}
}

// AttributeQuotaInput is a merge patch (RFC 7396) of a certified attribute in a group.
type AttributeQuotaInput struct {
	OfRequired
	Body struct {
		_                     struct{} `json:"-" additionalProperties:"false"`
		DailyCallsPerConsumer *int64   `json:"dailyCallsPerConsumer,omitempty" nullable:"false" minimum:"1" maximum:"1000000000" doc:"Calls a day that a consumer who has the attribute may plan without approval"`
	}
}
