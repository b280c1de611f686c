package main

import (
	"context"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"

	"ciclo/shared/services"
)

// profile is what there is to know about a document that it does not say.
type profile struct {
	base    *string // of the sandbox; nil takes the path of the document's server
	closed  bool    // members that the document does not list are mismatches
	stories []story
	door    []intruder // credentials that are refused
	limits  []string   // settings of a sandbox that hardly allows anything
	limit   func(ctx context.Context, w *world, samples map[*operation]call) error
}

var (
	noBase       = ""
	servicesBase = services.Base
)

// profiles are those of the documents, by title.
var profiles = map[string]profile{
	pdnd:     {closed: true, stories: interopStories, door: interopDoor, limits: oneRequest, limit: exhaustOrganization},
	manage:   {base: &servicesBase, stories: servicesStories, door: servicesDoor},
	vouchers: {base: &noBase, closed: true, stories: voucherStories, limits: oneToken, limit: exhaustClient},
}

// mend corrects what cannot be meant in a document.
func mend(document *openapi3.T) {
	for name, ref := range document.Components.Schemas {
		if ref.Value == nil {
			continue
		}
		if correct := corrections[name]; correct != nil {
			correct(ref.Value)
		}
		if len(ref.Value.Properties) > 0 { // a closed schema cannot have what it does not list, such as Tenant's mails
			ref.Value.Required = slices.DeleteFunc(slices.Clone(ref.Value.Required), func(member string) bool {
				return ref.Value.Properties[member] == nil
			})
		}
	}
}

// corrections are slips of the documents, by schema.
var corrections = map[string]func(*openapi3.Schema){
	// The codes that PDND answers have three to five digits, such as 001-007 and 017-10014.
	"ProblemError": func(s *openapi3.Schema) {
		code := s.Properties["code"].Value
		longest := uint64(len("017-10014"))
		code.MinLength, code.MaxLength, code.Pattern = uint64(len("001-007")), &longest, "^[0-9]{3}-[0-9]{3,5}$"
	},
	// An amount of up to 9,999,999,999 cannot be an int32. Its back end takes null for none.
	"ServiceData": func(s *openapi3.Schema) {
		amount := s.Properties["max_allowed_payment_amount"].Value
		amount.Format, amount.Nullable = "", true
	},
	// Two required names are joined to one: "eventTimestamp - eserviceTemplateId".
	"EServiceTemplateEvent": func(s *openapi3.Schema) {
		s.Required = append(slices.Clone(s.Required), "eventTimestamp", "eserviceTemplateId")
	},
}
