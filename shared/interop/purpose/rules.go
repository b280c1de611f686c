package purpose

import "ciclo/shared/platform/lifecycle"

// The states of a version of a purpose (PDND, PurposeVersionState). A purpose has
// no state of its own.
const (
	Draft     lifecycle.State = "DRAFT"
	Waiting   lifecycle.State = "WAITING_FOR_APPROVAL"
	Active    lifecycle.State = "ACTIVE"
	Suspended lifecycle.State = "SUSPENDED"
	Rejected  lifecycle.State = "REJECTED"
	Archived  lifecycle.State = "ARCHIVED"
)

// The actions on a version, the roles that take them and the guards.
const (
	actionCreate        lifecycle.Action = "create"
	actionUpdate        lifecycle.Action = "update"
	actionDelete        lifecycle.Action = "delete"
	actionActivate      lifecycle.Action = "activate"
	actionApprove       lifecycle.Action = "approve"
	actionReject        lifecycle.Action = "reject"
	actionExpect        lifecycle.Action = "setExpectedActivationDate"
	actionSuspend       lifecycle.Action = "suspend"
	actionUnsuspend     lifecycle.Action = "unsuspend"
	actionCreateVersion lifecycle.Action = "createVersion"
	actionDeleteVersion lifecycle.Action = "deleteVersion"
	actionArchive       lifecycle.Action = "archive"
	actionClone         lifecycle.Action = "clone"
	actionReplace       lifecycle.Action = "replace"
	actionWithdraw      lifecycle.Action = "withdraw"

	Consumer lifecycle.Role = "consumer"
	Producer lifecycle.Role = "producer"
	Platform lifecycle.Role = "platform"

	// Within: the planned calls fit both thresholds, or the thresholds do not apply.
	Within lifecycle.Guard = "withinThresholds"
	// StillSuspended: at least one side suspends the purpose after the action.
	StillSuspended lifecycle.Guard = "stillSuspended"
)

type (
	states = []lifecycle.State
	roles  = []lifecycle.Role
	guards = []lifecycle.Guard
)

// Machine is the lifecycle of a version of a purpose (PDND, purpose process). Only a
// version that is ACTIVE counts against the thresholds.
var Machine = &lifecycle.Machine{
	Name: "purpose", Title: "Lifecycle of a version of a purpose, a load estimate",
	States: states{lifecycle.None, Draft, Waiting, Active, Suspended, Rejected, Archived},
	Final:  states{Rejected, Archived},
	Guards: guards{Within, StillSuspended},
	Roles:  roles{Consumer, Producer, Platform},
	Rules: []lifecycle.Rule{
		{
			Action: actionCreate, From: states{lifecycle.None}, To: Draft, By: roles{Consumer},
			Why: "a draft does not count",
		},
		{
			Action: actionClone, From: states{lifecycle.None}, To: Draft, By: roles{Consumer},
			Why: "like another purpose of the consumer",
		},
		{
			Action: actionUpdate, From: states{Draft}, To: Draft, By: roles{Consumer},
			Why: "the producer has not seen it",
		},
		{
			Action: actionDelete, From: states{Draft, Waiting}, To: lifecycle.None, By: roles{Consumer},
			Why: "it was never in use",
		},
		{
			Action: actionActivate, From: states{Draft}, To: Active, By: roles{Consumer}, When: guards{Within},
			Why: "it needs no approval",
		},
		{
			Action: actionActivate, From: states{Draft}, To: Waiting, By: roles{Consumer}, Unless: guards{Within},
			Why: "it exceeds a threshold, so the producer decides",
		},
		{
			Action: actionCreateVersion, From: states{lifecycle.None}, To: Active, By: roles{Consumer},
			When: guards{Within}, Unless: guards{StillSuspended},
			Why: "it replaces the one in use",
		},
		{
			Action: actionCreateVersion, From: states{lifecycle.None}, To: Suspended, By: roles{Consumer},
			When: guards{Within, StillSuspended},
			Why:  "it replaces the one in use, and ends no suspension",
		},
		{
			Action: actionCreateVersion, From: states{lifecycle.None}, To: Waiting, By: roles{Consumer}, Unless: guards{Within},
			Why: "the one in use stays in use until the producer decides",
		},
		{
			Action: actionDeleteVersion, From: states{Waiting}, To: lifecycle.None, By: roles{Consumer},
			Why: "the consumer takes a request back",
		},
		{
			Action: actionApprove, From: states{Waiting}, To: Active, By: roles{Producer}, Unless: guards{StillSuspended},
			Why: "also above the thresholds",
		},
		{
			Action: actionApprove, From: states{Waiting}, To: Suspended, By: roles{Producer}, When: guards{StillSuspended},
			Why: "an approval ends no suspension",
		},
		{
			Action: actionReject, From: states{Waiting}, To: Rejected, By: roles{Producer},
			Why: "for a reason that the consumer can read",
		},
		{
			Action: actionExpect, From: states{Waiting}, To: Waiting, By: roles{Producer},
			Why: "so that the consumer can plan",
		},
		{
			Action: actionSuspend, From: states{Active, Suspended}, To: Suspended, By: roles{Consumer, Producer},
			Why: "each side suspends for itself; the calls no longer count",
		},
		{
			Action: actionUnsuspend, From: states{Suspended}, To: Active, By: roles{Consumer, Producer},
			When: guards{Within}, Unless: guards{StillSuspended},
			Why: "neither side suspends it any more",
		},
		{
			Action: actionUnsuspend, From: states{Suspended}, To: Suspended, By: roles{Consumer, Producer}, When: guards{StillSuspended},
			Why: "the other side still suspends it",
		},
		{
			Action: actionUnsuspend, From: states{Suspended}, To: Suspended, By: roles{Consumer, Producer}, Unless: guards{Within, StillSuspended},
			Why: "other purposes use its calls by now, so a version waits; the thresholds apply to a producer for its own use only",
		},
		{
			Action: actionUnsuspend, From: states{lifecycle.None}, To: Waiting, By: roles{Consumer, Producer},
			Unless: guards{Within, StillSuspended},
			Why:    "the producer decides whether the purpose may go on",
		},
		{
			Action: actionArchive, From: states{Active, Suspended}, To: Archived, By: roles{Consumer},
			Why: "for good; the calls no longer count",
		},
		{
			Action: actionReplace, From: states{Active, Suspended}, To: Archived, By: roles{Platform},
			Why: "another version came into use",
		},
		{
			Action: actionWithdraw, From: states{Waiting}, To: lifecycle.None, By: roles{Platform},
			Why: "the purpose was archived, or a newer request replaced this one",
		},
	},
}
