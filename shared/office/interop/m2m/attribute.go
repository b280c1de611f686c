package m2m

import (
	"net/http"

	"ciclo/shared/office"
)

// AttributeKind is a way to come to own an attribute (PDND).
type AttributeKind struct {
	Name  string // in paths of the API, with Attributes behind it
	Text  office.Text
	Means office.Text
}

// AttributeKinds are the kinds, in the order of the pages.
var AttributeKinds = []AttributeKind{
	{"certified", office.T("Certificati", "Certified"), office.T("Li assegna un certificatore.", "A certifier assigns them.")},
	{"declared", office.T("Dichiarati", "Declared"), office.T("Li dichiara chi li ha.", "Their owner declares them.")},
	{"verified", office.T("Verificati", "Verified"), office.T("Li verifica l’erogatore, dopo la richiesta di fruizione.",
		"The producer verifies them, after a request.")},
}

// AttributeKindOf returns the kind that a path names.
func AttributeKindOf(v *office.Visit, name string) (AttributeKind, error) {
	for _, k := range AttributeKinds {
		if k.Name == name {
			return k, nil
		}
	}
	return AttributeKind{}, &office.Refusal{Status: http.StatusNotFound, CorrelationID: v.Correlation}
}

// Attribute is what the pages show of an attribute of the registry.
type Attribute struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	Code        string `json:"code"`   // of certified ones
	Origin      string `json:"origin"` // id of the certifier
	CreatedAt   string `json:"createdAt"`
}
