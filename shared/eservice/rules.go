package eservice

import "ciclo/shared/lifecycle"

// The states of a descriptor (PDND). WAITING_FOR_APPROVAL, ARCHIVING and
// ARCHIVING_SUSPENDED belong to delegations and to scheduled archiving, which are
// not offered.
const (
	Draft      lifecycle.State = "DRAFT"
	Published  lifecycle.State = "PUBLISHED"
	Suspended  lifecycle.State = "SUSPENDED"
	Deprecated lifecycle.State = "DEPRECATED"
	Archived   lifecycle.State = "ARCHIVED"
)

// The actions on a descriptor, the roles that take them and the guards.
const (
	actionCreate    lifecycle.Action = "create"
	actionUpdate    lifecycle.Action = "update"
	actionDelete    lifecycle.Action = "delete"
	actionPublish   lifecycle.Action = "publish"
	actionSuspend   lifecycle.Action = "suspend"
	actionUnsuspend lifecycle.Action = "unsuspend"
	actionQuotas    lifecycle.Action = "updateQuotas"
	actionSupersede lifecycle.Action = "supersede"

	Producer lifecycle.Role = "producer"
	Platform lifecycle.Role = "platform"

	DraftExists lifecycle.Guard = "draftExists"
	Latest      lifecycle.Guard = "latest"
	InUse       lifecycle.Guard = "inUse"
)

// Machine is the lifecycle of a descriptor.
var Machine = &lifecycle.Machine{
	Name: "descriptor", Title: "Lifecycle of a descriptor, a version of an e-service",
	States: []lifecycle.State{lifecycle.None, Draft, Published, Suspended, Deprecated, Archived},
	Final:  []lifecycle.State{Archived},
	Guards: []lifecycle.Guard{DraftExists, Latest, InUse},
	Roles:  []lifecycle.Role{Producer, Platform},
	Rules: []lifecycle.Rule{
		{Action: actionCreate, From: []lifecycle.State{lifecycle.None}, To: Draft, By: []lifecycle.Role{Producer}, Unless: []lifecycle.Guard{DraftExists}, Why: "one draft at a time"},
		{Action: actionUpdate, From: []lifecycle.State{Draft}, To: Draft, By: []lifecycle.Role{Producer}, Why: "nobody but the producer has seen it"},
		{Action: actionDelete, From: []lifecycle.State{Draft}, To: lifecycle.None, By: []lifecycle.Role{Producer}, Why: "nothing can depend on it"},
		{Action: actionPublish, From: []lifecycle.State{Draft}, To: Published, By: []lifecycle.Role{Producer}, Why: "the older ones are superseded in the same transaction"},
		{Action: actionSuspend, From: []lifecycle.State{Published, Deprecated}, To: Suspended, By: []lifecycle.Role{Producer}, Why: "no vouchers until it is unsuspended"},
		{Action: actionUnsuspend, From: []lifecycle.State{Suspended}, To: Published, By: []lifecycle.Role{Producer}, When: []lifecycle.Guard{Latest}, Why: "back to what it was"},
		{Action: actionUnsuspend, From: []lifecycle.State{Suspended}, To: Deprecated, By: []lifecycle.Role{Producer}, Unless: []lifecycle.Guard{Latest}, Why: "a newer one was published meanwhile"},
		{Action: actionQuotas, From: []lifecycle.State{Published}, To: Published, By: []lifecycle.Role{Producer}, Why: "what is active or waiting is not judged again"},
		{Action: actionQuotas, From: []lifecycle.State{Suspended}, To: Suspended, By: []lifecycle.Role{Producer}, Why: "the same"},
		{Action: actionQuotas, From: []lifecycle.State{Deprecated}, To: Deprecated, By: []lifecycle.Role{Producer}, Why: "the same"},
		{Action: actionSupersede, From: []lifecycle.State{Published}, To: Deprecated, By: []lifecycle.Role{Platform}, When: []lifecycle.Guard{InUse}, Why: "its agreements go on"},
		{Action: actionSupersede, From: []lifecycle.State{Suspended}, To: Suspended, By: []lifecycle.Role{Platform}, When: []lifecycle.Guard{InUse}, Why: "its agreements wait for it"},
		{Action: actionSupersede, From: []lifecycle.State{Published, Suspended}, To: Archived, By: []lifecycle.Role{Platform}, Unless: []lifecycle.Guard{InUse}, Why: "nobody uses it"},
	},
}
