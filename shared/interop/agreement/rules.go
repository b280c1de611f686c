package agreement

import "ciclo/shared/platform/lifecycle"

// The states of an agreement (PDND, AgreementState).
const (
	Draft            lifecycle.State = "DRAFT"
	Pending          lifecycle.State = "PENDING"
	Active           lifecycle.State = "ACTIVE"
	Suspended        lifecycle.State = "SUSPENDED"
	MissingCertified lifecycle.State = "MISSING_CERTIFIED_ATTRIBUTES"
	Rejected         lifecycle.State = "REJECTED"
	Archived         lifecycle.State = "ARCHIVED"
)

// The actions on an agreement, the roles that take them, and the guards.
const (
	actionCreate    lifecycle.Action = "create"
	actionSubmit    lifecycle.Action = "submit"
	actionApprove   lifecycle.Action = "approve"
	actionReject    lifecycle.Action = "reject"
	actionSuspend   lifecycle.Action = "suspend"
	actionUnsuspend lifecycle.Action = "unsuspend"
	actionArchive   lifecycle.Action = "archive"
	actionUpgrade   lifecycle.Action = "upgrade"
	actionClone     lifecycle.Action = "clone"
	actionDelete    lifecycle.Action = "delete"
	actionReplace   lifecycle.Action = "replace"
	actionRecompute lifecycle.Action = "recompute"

	Consumer lifecycle.Role = "consumer"
	Producer lifecycle.Role = "producer"
	Platform lifecycle.Role = "platform"

	// The consumer owns what the descriptor requires, of each kind and of all kinds. They
	// always hold where producer and consumer are one organization.
	HasCertified lifecycle.Guard = "hasCertified"
	HasDeclared  lifecycle.Guard = "hasDeclared"
	HasVerified  lifecycle.Guard = "hasVerified"
	HasAll       lifecycle.Guard = "hasAll"
	// Automatic is the descriptor's approval policy.
	Automatic lifecycle.Guard = "automatic"
	// Held says that a suspension stays after the action.
	Held lifecycle.Guard = "held"
)

type (
	states = []lifecycle.State
	roles  = []lifecycle.Role
	guards = []lifecycle.Guard
)

// Machine is the lifecycle of an agreement (PDND, agreement process).
var Machine = &lifecycle.Machine{
	Name: "agreement", Title: "Lifecycle of an agreement, a consumer's request to use an e-service",
	States: states{lifecycle.None, Draft, Pending, Active, Suspended, MissingCertified, Rejected, Archived},
	Final:  states{Rejected, Archived},
	Guards: guards{HasCertified, HasDeclared, HasVerified, HasAll, Automatic, Held},
	Roles:  roles{Consumer, Producer, Platform},
	Rules: []lifecycle.Rule{
		{
			Action: actionCreate, From: states{lifecycle.None}, To: Draft, By: roles{Consumer},
			When: guards{HasCertified}, Why: "an agreement cannot make up for a missing certified attribute",
		},
		{
			Action: actionSubmit, From: states{Draft}, To: MissingCertified, By: roles{Consumer},
			Unless: guards{HasCertified}, Why: "a certified attribute was lost since; the call is refused",
		},
		{
			Action: actionSubmit, From: states{Draft}, To: Pending, By: roles{Consumer},
			When: guards{HasCertified, HasDeclared}, Unless: guards{HasVerified}, Why: "the producer verifies, then approves",
		},
		{
			Action: actionSubmit, From: states{Draft}, To: Pending, By: roles{Consumer},
			When: guards{HasCertified, HasDeclared, HasVerified}, Unless: guards{Automatic}, Why: "the producer approves each agreement",
		},
		{
			Action: actionSubmit, From: states{Draft}, To: Active, By: roles{Consumer},
			When: guards{HasCertified, HasDeclared, HasVerified, Automatic}, Unless: guards{Held}, Why: "no approval is needed",
		},
		{
			Action: actionSubmit, From: states{Draft}, To: Suspended, By: roles{Consumer},
			When: guards{HasCertified, HasDeclared, HasVerified, Automatic, Held}, Why: "an upgrade of an agreement that the producer had suspended",
		},
		{
			Action: actionApprove, From: states{Pending}, To: MissingCertified, By: roles{Producer},
			Unless: guards{HasCertified}, Why: "a certified attribute was lost since; the call is refused",
		},
		{
			Action: actionApprove, From: states{Pending}, To: Active, By: roles{Producer},
			When: guards{HasCertified, HasDeclared, HasVerified}, Unless: guards{Held}, Why: "the consumer may use the e-service",
		},
		{
			Action: actionApprove, From: states{Pending}, To: Suspended, By: roles{Producer},
			When: guards{HasCertified, HasDeclared, HasVerified, Held}, Why: "an upgrade of an agreement that the consumer had suspended",
		},
		{
			Action: actionReject, From: states{Pending}, To: Rejected, By: roles{Producer},
			Why: "with a reason for the consumer",
		},
		{
			Action: actionSuspend, From: states{Active, Suspended}, To: Suspended, By: roles{Consumer, Producer},
			Why: "each side for itself",
		},
		{
			Action: actionUnsuspend, From: states{Suspended}, To: Active, By: roles{Consumer, Producer},
			Unless: guards{Held}, Why: "neither side suspends it, and no attribute is missing",
		},
		{
			Action: actionUnsuspend, From: states{Suspended}, To: Suspended, By: roles{Consumer, Producer},
			When: guards{Held}, Why: "the other side suspends it, or an attribute is missing",
		},
		{
			Action: actionArchive, From: states{Active, Suspended}, To: Archived, By: roles{Consumer},
			Why: "for good",
		},
		{
			Action: actionUpgrade, From: states{lifecycle.None}, To: Active, By: roles{Consumer},
			When: guards{HasCertified, HasDeclared, HasVerified}, Unless: guards{Held}, Why: "on the published descriptor; the approval stays valid",
		},
		{
			Action: actionUpgrade, From: states{lifecycle.None}, To: Suspended, By: roles{Consumer},
			When: guards{HasCertified, HasDeclared, HasVerified, Held}, Why: "on the published descriptor; the suspension stays",
		},
		{
			Action: actionUpgrade, From: states{lifecycle.None}, To: Draft, By: roles{Consumer},
			When: guards{HasCertified}, Unless: guards{HasDeclared}, Why: "on the published descriptor, to be submitted",
		},
		{
			Action: actionUpgrade, From: states{lifecycle.None}, To: Draft, By: roles{Consumer},
			When: guards{HasCertified, HasDeclared}, Unless: guards{HasVerified}, Why: "the same",
		},
		{
			Action: actionUpgrade, From: states{Active, Suspended}, To: Archived, By: roles{Consumer},
			When: guards{HasCertified, HasDeclared, HasVerified}, Why: "the agreement on the published descriptor replaces it",
		},
		{
			Action: actionUpgrade, From: states{Active}, To: Active, By: roles{Consumer},
			When: guards{HasCertified}, Unless: guards{HasDeclared}, Why: "it stays in use until the draft is accepted",
		},
		{
			Action: actionUpgrade, From: states{Active}, To: Active, By: roles{Consumer},
			When: guards{HasCertified, HasDeclared}, Unless: guards{HasVerified}, Why: "the same",
		},
		{
			Action: actionUpgrade, From: states{Suspended}, To: Suspended, By: roles{Consumer},
			When: guards{HasCertified}, Unless: guards{HasDeclared}, Why: "the same",
		},
		{
			Action: actionUpgrade, From: states{Suspended}, To: Suspended, By: roles{Consumer},
			When: guards{HasCertified, HasDeclared}, Unless: guards{HasVerified}, Why: "the same",
		},
		{
			Action: actionClone, From: states{lifecycle.None}, To: Draft, By: roles{Consumer},
			When: guards{HasCertified}, Why: "a copy of the rejected one, to be submitted again",
		},
		{
			Action: actionClone, From: states{Rejected}, To: Rejected, By: roles{Consumer},
			When: guards{HasCertified}, Why: "it stays as it was",
		},
		{
			Action: actionDelete, From: states{Draft, Pending, MissingCertified}, To: lifecycle.None, By: roles{Consumer},
			Why: "it was never in use",
		},
		{
			Action: actionReplace, From: states{Active, Suspended}, To: Archived, By: roles{Platform},
			Why: "another agreement of the same consumer and e-service came into use",
		},
		{
			Action: actionRecompute, From: states{Draft, Pending}, To: MissingCertified, By: roles{Platform},
			Unless: guards{HasCertified}, Why: "a certified attribute was lost",
		},
		{
			Action: actionRecompute, From: states{MissingCertified}, To: Draft, By: roles{Platform},
			When: guards{HasCertified}, Why: "the attribute is owned again; the consumer submits again",
		},
		{
			Action: actionRecompute, From: states{Active, Suspended}, To: Suspended, By: roles{Platform},
			Unless: guards{HasAll}, Why: "an attribute was lost",
		},
		{
			Action: actionRecompute, From: states{Suspended}, To: Suspended, By: roles{Platform},
			When: guards{HasAll, Held}, Why: "the attributes are owned again, but a side suspends it",
		},
		{
			Action: actionRecompute, From: states{Suspended}, To: Active, By: roles{Platform},
			When: guards{HasAll}, Unless: guards{Held}, Why: "the attributes are owned again",
		},
	},
}
