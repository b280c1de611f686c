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

// The actions on an agreement, who takes them and the guards.
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

	// The consumer owns what the descriptor asks for, of each kind, and of all. Where
	// producer and consumer are one organization, it does.
	HasCertified lifecycle.Guard = "hasCertified"
	HasDeclared  lifecycle.Guard = "hasDeclared"
	HasVerified  lifecycle.Guard = "hasVerified"
	HasAll       lifecycle.Guard = "hasAll"
	// Automatic is the descriptor's approval policy.
	Automatic lifecycle.Guard = "automatic"
	// Held says that a suspension would still hold after the action.
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
		{Action: actionCreate, From: states{lifecycle.None}, To: Draft, By: roles{Consumer}, When: guards{HasCertified}, Why: "who lacks a certified attribute cannot get it by asking"},
		{Action: actionSubmit, From: states{Draft}, To: MissingCertified, By: roles{Consumer}, Unless: guards{HasCertified}, Why: "a certified attribute was lost meanwhile; the caller is told"},
		{Action: actionSubmit, From: states{Draft}, To: Pending, By: roles{Consumer}, When: guards{HasCertified, HasDeclared}, Unless: guards{HasVerified}, Why: "the producer verifies, then approves"},
		{Action: actionSubmit, From: states{Draft}, To: Pending, By: roles{Consumer}, When: guards{HasCertified, HasDeclared, HasVerified}, Unless: guards{Automatic}, Why: "the producer approves each agreement"},
		{Action: actionSubmit, From: states{Draft}, To: Active, By: roles{Consumer}, When: guards{HasCertified, HasDeclared, HasVerified, Automatic}, Unless: guards{Held}, Why: "nobody needs to look at it"},
		{Action: actionSubmit, From: states{Draft}, To: Suspended, By: roles{Consumer}, When: guards{HasCertified, HasDeclared, HasVerified, Automatic, Held}, Why: "made by an upgrade of what the producer had suspended"},
		{Action: actionApprove, From: states{Pending}, To: MissingCertified, By: roles{Producer}, Unless: guards{HasCertified}, Why: "a certified attribute was lost meanwhile; the caller is told"},
		{Action: actionApprove, From: states{Pending}, To: Active, By: roles{Producer}, When: guards{HasCertified, HasDeclared, HasVerified}, Unless: guards{Held}, Why: "the consumer may use the e-service"},
		{Action: actionApprove, From: states{Pending}, To: Suspended, By: roles{Producer}, When: guards{HasCertified, HasDeclared, HasVerified, Held}, Why: "made by an upgrade of what the consumer had suspended"},
		{Action: actionReject, From: states{Pending}, To: Rejected, By: roles{Producer}, Why: "for a reason that the consumer reads"},
		{Action: actionSuspend, From: states{Active, Suspended}, To: Suspended, By: roles{Consumer, Producer}, Why: "each side for itself"},
		{Action: actionUnsuspend, From: states{Suspended}, To: Active, By: roles{Consumer, Producer}, Unless: guards{Held}, Why: "no side holds it, and no attribute is missing"},
		{Action: actionUnsuspend, From: states{Suspended}, To: Suspended, By: roles{Consumer, Producer}, When: guards{Held}, Why: "whoever else suspended it has to take that back"},
		{Action: actionArchive, From: states{Active, Suspended}, To: Archived, By: roles{Consumer}, Why: "for good"},
		{Action: actionUpgrade, From: states{lifecycle.None}, To: Active, By: roles{Consumer}, When: guards{HasCertified, HasDeclared, HasVerified}, Unless: guards{Held}, Why: "on the published descriptor; the approval holds"},
		{Action: actionUpgrade, From: states{lifecycle.None}, To: Suspended, By: roles{Consumer}, When: guards{HasCertified, HasDeclared, HasVerified, Held}, Why: "on the published descriptor; the suspension holds"},
		{Action: actionUpgrade, From: states{lifecycle.None}, To: Draft, By: roles{Consumer}, When: guards{HasCertified}, Unless: guards{HasDeclared}, Why: "on the published descriptor, to be submitted"},
		{Action: actionUpgrade, From: states{lifecycle.None}, To: Draft, By: roles{Consumer}, When: guards{HasCertified, HasDeclared}, Unless: guards{HasVerified}, Why: "the same"},
		{Action: actionUpgrade, From: states{Active, Suspended}, To: Archived, By: roles{Consumer}, When: guards{HasCertified, HasDeclared, HasVerified}, Why: "the one on the published descriptor takes its place"},
		{Action: actionUpgrade, From: states{Active}, To: Active, By: roles{Consumer}, When: guards{HasCertified}, Unless: guards{HasDeclared}, Why: "it goes on while the draft is not accepted"},
		{Action: actionUpgrade, From: states{Active}, To: Active, By: roles{Consumer}, When: guards{HasCertified, HasDeclared}, Unless: guards{HasVerified}, Why: "the same"},
		{Action: actionUpgrade, From: states{Suspended}, To: Suspended, By: roles{Consumer}, When: guards{HasCertified}, Unless: guards{HasDeclared}, Why: "the same"},
		{Action: actionUpgrade, From: states{Suspended}, To: Suspended, By: roles{Consumer}, When: guards{HasCertified, HasDeclared}, Unless: guards{HasVerified}, Why: "the same"},
		{Action: actionClone, From: states{lifecycle.None}, To: Draft, By: roles{Consumer}, When: guards{HasCertified}, Why: "like the rejected one, to be submitted again"},
		{Action: actionClone, From: states{Rejected}, To: Rejected, By: roles{Consumer}, When: guards{HasCertified}, Why: "it stays as it was"},
		{Action: actionDelete, From: states{Draft, Pending, MissingCertified}, To: lifecycle.None, By: roles{Consumer}, Why: "it was never in use"},
		{Action: actionReplace, From: states{Active, Suspended}, To: Archived, By: roles{Platform}, Why: "another agreement of the same consumer and e-service came into use"},
		{Action: actionRecompute, From: states{Draft, Pending}, To: MissingCertified, By: roles{Platform}, Unless: guards{HasCertified}, Why: "a certified attribute was lost"},
		{Action: actionRecompute, From: states{MissingCertified}, To: Draft, By: roles{Platform}, When: guards{HasCertified}, Why: "it was regained; the consumer submits again"},
		{Action: actionRecompute, From: states{Active, Suspended}, To: Suspended, By: roles{Platform}, Unless: guards{HasAll}, Why: "an attribute was lost"},
		{Action: actionRecompute, From: states{Suspended}, To: Suspended, By: roles{Platform}, When: guards{HasAll, Held}, Why: "the attributes are there again, but a side holds it"},
		{Action: actionRecompute, From: states{Suspended}, To: Active, By: roles{Platform}, When: guards{HasAll}, Unless: guards{Held}, Why: "the attributes are there again"},
	},
}
