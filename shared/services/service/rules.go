package service

import "ciclo/shared/platform/lifecycle"

// The states of a service and of its publication (App IO).
const (
	Draft     lifecycle.State = "draft"
	Submitted lifecycle.State = "submitted"
	Approved  lifecycle.State = "approved"
	Rejected  lifecycle.State = "rejected"
	Deleted   lifecycle.State = "deleted"

	Published   lifecycle.State = "published"
	Unpublished lifecycle.State = "unpublished"
)

// The actions, the roles that take them and the guards.
const (
	actionCreate    lifecycle.Action = "create"
	actionEdit      lifecycle.Action = "edit"
	actionSubmit    lifecycle.Action = "submit"
	actionWithdraw  lifecycle.Action = "withdraw"
	actionApprove   lifecycle.Action = "approve"
	actionReject    lifecycle.Action = "reject"
	actionDelete    lifecycle.Action = "delete"
	actionRelease   lifecycle.Action = "release"
	actionPublish   lifecycle.Action = "publish"
	actionUnpublish lifecycle.Action = "unpublish"
	actionRemove    lifecycle.Action = "remove"

	Owner    lifecycle.Role = "owner"
	Reviewer lifecycle.Role = "reviewer"
	// Lifecycle acts on the publication when the service changes, in the same transaction.
	Lifecycle lifecycle.Role = "lifecycle"

	Complete      lifecycle.Guard = "complete"
	NameFree      lifecycle.Guard = "nameFree"
	NeedsReviewer lifecycle.Guard = "needsReviewer"
	AutoPublish   lifecycle.Guard = "autoPublish"
)

// Lists as the rules below have them.
type (
	states = []lifecycle.State
	roles  = []lifecycle.Role
	guards = []lifecycle.Guard
)

// Machine is the lifecycle of a service. The automatic part of a review is decided with the
// submission, so that a client reads its outcome at once.
var Machine = &lifecycle.Machine{
	Name: "service", Title: "Lifecycle of a service",
	States: states{lifecycle.None, Draft, Submitted, Approved, Rejected, Deleted},
	Final:  states{Deleted},
	Guards: guards{Complete, NameFree, NeedsReviewer},
	Roles:  roles{Owner, Reviewer},
	Rules: []lifecycle.Rule{
		{Action: actionCreate, From: states{lifecycle.None}, To: Draft, By: roles{Owner}, Why: "with its pair of keys"},
		{
			Action: actionEdit, From: states{Draft, Rejected, Approved}, To: Draft, By: roles{Owner},
			Why: "replaces all data; the published copy stays as it is",
		},
		{
			Action: actionSubmit, From: states{Draft}, To: Rejected, By: roles{Owner}, Unless: guards{Complete},
			Why: "the quality rules find something; the reason has one line per field",
		},
		{
			Action: actionSubmit, From: states{Draft}, To: Rejected, By: roles{Owner}, When: guards{Complete}, Unless: guards{NameFree},
			Why: "another service of the organization was approved with the name, " +
				"or another one of the owner waits for review with it",
		},
		{
			Action: actionSubmit, From: states{Draft}, To: Submitted, By: roles{Owner}, When: guards{Complete, NameFree, NeedsReviewer},
			Why: "never approved before, or name, description, organization or scope differ from the approved copy",
		},
		{
			Action: actionSubmit, From: states{Draft}, To: Approved, By: roles{Owner},
			When: guards{Complete, NameFree}, Unless: guards{NeedsReviewer},
			Why: "nothing that needs a reviewer has changed",
		},
		{
			Action: actionWithdraw, From: states{Submitted}, To: Draft, By: roles{Owner},
			Why: "the request for review is taken back",
		},
		{
			Action: actionApprove, From: states{Submitted}, To: Approved, By: roles{Reviewer}, When: guards{NameFree},
			Why: "the publication gets the data of the service",
		},
		{
			Action: actionApprove, From: states{Submitted}, To: Rejected, By: roles{Reviewer}, Unless: guards{NameFree},
			Why: "another service of the organization was approved with the name first",
		},
		{
			Action: actionReject, From: states{Submitted}, To: Rejected, By: roles{Reviewer},
			Why: "with a reason that the owner reads in the status",
		},
		{
			Action: actionDelete, From: states{Draft, Rejected, Approved}, To: Deleted, By: roles{Owner},
			Why: "for good: publication and keys are removed, the record stays readable",
		},
	},
}

// Publication is the lifecycle of a publication.
var Publication = &lifecycle.Machine{
	Name: "publication", Title: "Lifecycle of a publication",
	States: states{lifecycle.None, Unpublished, Published},
	Guards: guards{AutoPublish},
	Roles:  roles{Owner, Lifecycle},
	Rules: []lifecycle.Rule{
		{
			Action: actionRelease, From: states{lifecycle.None, Unpublished, Published}, To: Published, By: roles{Lifecycle},
			When: guards{AutoPublish}, Why: "the approved copy is visible at once",
		},
		{
			Action: actionRelease, From: states{lifecycle.None, Unpublished}, To: Unpublished, By: roles{Lifecycle},
			Unless: guards{AutoPublish}, Why: "the approved copy waits for the owner to publish it",
		},
		{
			Action: actionRelease, From: states{Published}, To: Published, By: roles{Lifecycle},
			Unless: guards{AutoPublish}, Why: "the visible copy stays, the approved one waits for the owner to publish it",
		},
		{
			Action: actionPublish, From: states{Unpublished, Published}, To: Published, By: roles{Owner},
			Why: "the copy that was approved last becomes visible; a repeat changes nothing",
		},
		{
			Action: actionUnpublish, From: states{Published, Unpublished}, To: Unpublished, By: roles{Owner},
			Why: "hidden; a repeat changes nothing",
		},
		{
			Action: actionRemove, From: states{Unpublished, Published}, To: lifecycle.None, By: roles{Lifecycle},
			Why: "the service was deleted",
		},
	},
}
