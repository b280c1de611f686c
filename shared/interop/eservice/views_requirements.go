package eservice

import "ciclo/shared/interop"

// InGroup is an attribute in a group.
type InGroup[V any] struct {
	GroupIndex int `json:"groupIndex" minimum:"0" doc:"Index of the group"`
	Attribute  V   `json:"attribute" doc:"The attribute, as it is in the registry"`

	DailyCallsPerConsumer int64 `json:"dailyCallsPerConsumer,omitempty" edition:"ciclo" doc:"Of a certified attribute: calls a day that a consumer that has it may plan without approval; absent for those of the descriptor"`
}

// RequirementsOutput is a page of the attributes that a descriptor requires.
type RequirementsOutput[V any] struct {
	Body struct {
		Results    []InGroup[V]       `json:"results" nullable:"false" doc:"Attributes by group, in the order in which they were added"`
		Pagination interop.Pagination `json:"pagination"`
	}
}

// GroupOutput is a group.
type GroupOutput[V any] struct {
	Body struct {
		Attributes []InGroup[V] `json:"attributes" nullable:"false" doc:"The attributes of the group"`
	}
}
