package attribute

import (
	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
)

// seed is the body of a request for a new attribute.
type seed interface {
	attribute(caller string) *Attribute
}

// Seed is a new declared or verified attribute.
type Seed struct {
	_           struct{} `json:"-" additionalProperties:"false"`
	Name        string   `json:"name" minLength:"3" maxLength:"100" doc:"Unique within the kind, regardless of case"`
	Description string   `json:"description" minLength:"10" maxLength:"500" doc:"What it means to own it"`
}

func (s Seed) attribute(string) *Attribute {
	return &Attribute{Name: s.Name, Description: s.Description}
}

// CertifiedSeed is a new certified attribute.
type CertifiedSeed struct {
	_           struct{} `json:"-" additionalProperties:"false"`
	Name        string   `json:"name" minLength:"1" maxLength:"500" doc:"Unique among the certified ones, regardless of case"`
	Description string   `json:"description" minLength:"1" maxLength:"500" doc:"What it means to own it"`
	Code        string   `json:"code" minLength:"1" maxLength:"64" doc:"The certifier's own name for it, unique for the certifier"`
}

func (s CertifiedSeed) attribute(caller string) *Attribute {
	return &Attribute{Name: s.Name, Description: s.Description, Code: s.Code, Origin: caller}
}

// CreateInput is a new attribute.
type CreateInput[S seed] struct {
	api.Correlated
	Body S
}

// GetInput names an attribute.
type GetInput struct {
	AttributeID string `path:"attributeId" format:"uuid" doc:"Id of the attribute"`
	api.Correlated
}

// ListInput selects a page of the attributes of a kind.
type ListInput struct {
	interop.Paged
	api.Correlated
}

// View is a declared or verified attribute in answers (PDND, DeclaredAttribute and
// VerifiedAttribute).
type View struct {
	ID          string `json:"id" format:"uuid" doc:"Id of the attribute"`
	Name        string `json:"name" doc:"Name"`
	Description string `json:"description" doc:"What it means to own it"`
	CreatedAt   string `json:"createdAt" format:"date-time" doc:"When it was added"`
}

// View returns the view of an attribute of any kind.
func (a *Attribute) View() View {
	return View{ID: a.ID, Name: a.Name, Description: a.Description, CreatedAt: a.CreatedAt}
}

// CertifiedView is a certified attribute in answers (PDND, CertifiedAttribute).
type CertifiedView struct {
	View
	Code   string `json:"code" doc:"The certifier's own name for it"`
	Origin string `json:"origin" doc:"Id of the certifier"`
}

// CertifiedView returns the view of a certified attribute.
func (a *Attribute) CertifiedView() CertifiedView {
	return CertifiedView{View: a.View(), Code: a.Code, Origin: a.Origin}
}

// Output is an attribute.
type Output[V any] struct{ Body V }

// ListOutput is a page of attributes.
type ListOutput[V any] struct {
	Body struct {
		Results    []V                `json:"results" nullable:"false" doc:"Attributes by name"`
		Pagination interop.Pagination `json:"pagination"`
	}
}
