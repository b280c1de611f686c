package eservice

import (
	"strconv"

	"github.com/danielgtaylor/huma/v2"

	"ciclo/shared/interop"
	"ciclo/shared/platform/problem"
)

// GroupPath is embedded by the inputs that name a group of attributes in their path.
type GroupPath struct {
	DescriptorPath
	GroupIndex int `path:"groupIndex" minimum:"0" doc:"Index of the group among those of this kind, from 0"`
}

// Resolve implements [huma.Resolver]: it refuses signs and leading zeros, which strconv
// accepts.
func (g GroupPath) Resolve(ctx huma.Context) []error {
	if ctx.Param("groupIndex") == strconv.Itoa(g.GroupIndex) {
		return nil
	}
	return []error{&huma.ErrorDetail{Location: "path.groupIndex", Message: "expected a whole number in decimal digits"}}
}

// RequiredPath is embedded by the inputs that name an attribute of a group in their path.
type RequiredPath struct {
	GroupPath
	AttributeID string `path:"attributeId" format:"uuid" doc:"Id of the attribute"`
}

// RequirementsInput selects a page of the attributes that a descriptor requires.
type RequirementsInput struct {
	DescriptorPath
	interop.Paged
}

// GroupSeed names attributes for a group.
type GroupSeed struct {
	_            struct{} `json:"-" additionalProperties:"false"`
	AttributeIDs []string `json:"attributeIds" maxItems:"50" nullable:"false" format:"uuid" doc:"Ids of attributes of the registry, of the kind of the path, each once"`
}

// NewGroupInput is a new group.
type NewGroupInput struct {
	DescriptorPath
	Body GroupSeed
}

// GroupInput names attributes to add to a group.
type GroupInput struct {
	GroupPath
	Body GroupSeed
}

// RequiredInput names an attribute of a group.
type RequiredInput struct{ RequiredPath }

// AttributeQuotaInput is a merge patch (RFC 7396) of a certified attribute in a group.
type AttributeQuotaInput struct {
	RequiredPath
	Body struct {
		_                     struct{} `json:"-" additionalProperties:"false"`
		DailyCallsPerConsumer *int64   `json:"dailyCallsPerConsumer,omitempty" nullable:"false" minimum:"1" maximum:"1000000000" doc:"Calls a day that a consumer that has the attribute may plan without approval"`
	}
}

// Check implements [api.Checked]: an empty patch is refused, as published.
func (in *AttributeQuotaInput) Check() []problem.Field {
	if in.Body.DailyCallsPerConsumer != nil {
		return nil
	}
	return []problem.Field{{
		Name:   "body.dailyCallsPerConsumer",
		Code:   interop.BadRequest.Name,
		Detail: "expected a value, as nothing else can be changed",
	}}
}
