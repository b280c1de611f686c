package eservice

import (
	"ciclo/shared/attribute"
	"ciclo/shared/pdnd"
)

func plain(a *attribute.Attribute) attribute.View {
	return attribute.View{ID: a.ID, Name: a.Name, Description: a.Description, CreatedAt: a.CreatedAt}
}

func certified(a *attribute.Attribute) attribute.CertifiedView {
	return attribute.CertifiedView{View: plain(a), Code: a.Code, Origin: a.Origin}
}

// InGroup is an attribute in a group.
type InGroup[V any] struct {
	GroupIndex int `json:"groupIndex" minimum:"0" doc:"Index of the group"`
	Attribute  V   `json:"attribute" doc:"The attribute, as it is in the registry"`
}

// RequirementsOutput is a page of the attributes that a descriptor requires.
type RequirementsOutput[V any] struct {
	Body struct {
		Results    []InGroup[V]    `json:"results" nullable:"false" doc:"Attributes by group, in the order they were added"`
		Pagination pdnd.Pagination `json:"pagination"`
	}
}

// GroupOutput is a group.
type GroupOutput[V any] struct {
	Body struct {
		Attributes []InGroup[V] `json:"attributes" nullable:"false" doc:"The attributes of the group"`
	}
}
