package eservice

import (
	"slices"

	"ciclo/shared/platform/lifecycle"
)

// The states of a descriptor (PDND). WAITING_FOR_APPROVAL, ARCHIVING and
// ARCHIVING_SUSPENDED are states of delegations and of scheduled archiving, which are
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

	actionRequireGroup     lifecycle.Action = "requireGroup"
	actionRequireAttribute lifecycle.Action = "requireAttribute"
	actionRemoveAttribute  lifecycle.Action = "removeRequirement"
	actionAttributeQuota   lifecycle.Action = "updateAttributeQuota"

	actionSupersede lifecycle.Action = "supersede"
	actionRetire    lifecycle.Action = "retire"

	Producer lifecycle.Role = "producer"
	Platform lifecycle.Role = "platform"

	DraftExists lifecycle.Guard = "draftExists"
	Latest      lifecycle.Guard = "latest"
	Only        lifecycle.Guard = "only"
	InUse       lifecycle.Guard = "inUse"
)

// gatewayActions are the actions for which PDND's gateway looks up the descriptor itself.
var gatewayActions = []lifecycle.Action{actionQuotas, actionRequireGroup, actionRequireAttribute, actionRemoveAttribute}

// Machine is the lifecycle of a descriptor.
var Machine = &lifecycle.Machine{
	Name: "descriptor", Title: "Lifecycle of a descriptor, a version of an e-service",
	States: []lifecycle.State{lifecycle.None, Draft, Published, Suspended, Deprecated, Archived},
	Final:  []lifecycle.State{Archived},
	Guards: []lifecycle.Guard{DraftExists, Latest, Only, InUse},
	Roles:  []lifecycle.Role{Producer, Platform},
	Rules: slices.Concat([]lifecycle.Rule{
		{
			Action: actionCreate, From: []lifecycle.State{lifecycle.None}, To: Draft,
			By: []lifecycle.Role{Producer}, Unless: []lifecycle.Guard{DraftExists}, Why: "one draft at a time",
		},
		{
			Action: actionUpdate, From: []lifecycle.State{Draft}, To: Draft,
			By: []lifecycle.Role{Producer}, Why: "only the producer can see it",
		},
		{
			Action: actionDelete, From: []lifecycle.State{Draft}, To: lifecycle.None,
			By: []lifecycle.Role{Producer}, Unless: []lifecycle.Guard{Only},
			Why: "nothing can depend on it; the last one is deleted with the e-service",
		},
		{
			Action: actionPublish, From: []lifecycle.State{Draft}, To: Published,
			By: []lifecycle.Role{Producer}, Why: "the older ones are superseded in the same transaction",
		},
		{
			Action: actionSuspend, From: []lifecycle.State{Published, Deprecated}, To: Suspended,
			By: []lifecycle.Role{Producer}, Why: "no vouchers until it is unsuspended",
		},
		{
			Action: actionUnsuspend, From: []lifecycle.State{Suspended}, To: Published,
			By: []lifecycle.Role{Producer}, When: []lifecycle.Guard{Latest}, Why: "back to the state before",
		},
		{
			Action: actionUnsuspend, From: []lifecycle.State{Suspended}, To: Deprecated,
			By: []lifecycle.Role{Producer}, Unless: []lifecycle.Guard{Latest}, Why: "a newer one has been published",
		},
	},
		edits(actionQuotas, "versions that are active or waiting keep their state", Published, Suspended, Deprecated),
		edits(actionRequireGroup, "only the producer can see it", Draft),
		edits(actionRequireAttribute, "with more attributes to choose from, consumers keep what they have", Draft, Published, Suspended, Deprecated),
		edits(actionRemoveAttribute, "only the producer can see it", Draft),
		edits(actionAttributeQuota, "versions that are active or waiting keep their state", Draft, Published, Suspended, Deprecated),
		[]lifecycle.Rule{
			{
				Action: actionSupersede, From: []lifecycle.State{Published}, To: Deprecated,
				By: []lifecycle.Role{Platform}, When: []lifecycle.Guard{InUse}, Why: "its agreements continue",
			},
			{
				Action: actionSupersede, From: []lifecycle.State{Suspended}, To: Suspended,
				By: []lifecycle.Role{Platform}, When: []lifecycle.Guard{InUse}, Why: "its agreements wait for it",
			},
			{
				Action: actionSupersede, From: []lifecycle.State{Published, Suspended}, To: Archived,
				By: []lifecycle.Role{Platform}, Unless: []lifecycle.Guard{InUse}, Why: "no agreement uses it",
			},
			{
				Action: actionRetire, From: []lifecycle.State{Deprecated}, To: Archived,
				By: []lifecycle.Role{Platform}, Unless: []lifecycle.Guard{InUse}, Why: "its last agreement was archived",
			},
		}),
}

// claimingActions are the actions, other than publishing, that claim the audiences of
// descriptors which an earlier release published without a claim.
var claimingActions = []lifecycle.Action{actionSuspend, actionUnsuspend, actionQuotas}

// edits returns the rules by which a producer changes a descriptor that keeps its state.
func edits(action lifecycle.Action, why string, states ...lifecycle.State) []lifecycle.Rule {
	var rules []lifecycle.Rule
	for _, state := range states {
		rules = append(rules, lifecycle.Rule{
			Action: action, From: []lifecycle.State{state}, To: state,
			By: []lifecycle.Role{Producer}, Why: why,
		})
	}
	return rules
}
