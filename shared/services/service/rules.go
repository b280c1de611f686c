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

// Machine is the lifecycle of a service. The automatic part of a review is
// decided with the submission, so that a client reads its outcome at once.
var Machine = &lifecycle.Machine{
	Name: "service", Title: "Lifecycle of a service",
	States: []lifecycle.State{lifecycle.None, Draft, Submitted, Approved, Rejected, Deleted},
	Final:  []lifecycle.State{Deleted},
	Guards: []lifecycle.Guard{Complete, NameFree, NeedsReviewer},
	Roles:  []lifecycle.Role{Owner, Reviewer},
	Rules: []lifecycle.Rule{
		{Action: actionCreate, From: []lifecycle.State{lifecycle.None}, To: Draft, By: []lifecycle.Role{Owner}, Why: "with its pair of keys"},
		{Action: actionEdit, From: []lifecycle.State{Draft, Rejected, Approved}, To: Draft, By: []lifecycle.Role{Owner}, Why: "replaces all data; the published copy stays as it is"},
		{Action: actionSubmit, From: []lifecycle.State{Draft}, To: Rejected, By: []lifecycle.Role{Owner}, Unless: []lifecycle.Guard{Complete}, Why: "the quality rules find something; the reason has one line per field"},
		{Action: actionSubmit, From: []lifecycle.State{Draft}, To: Rejected, By: []lifecycle.Role{Owner}, When: []lifecycle.Guard{Complete}, Unless: []lifecycle.Guard{NameFree}, Why: "another service of the organization was approved with the name, or another one of the owner waits for review with it"},
		{Action: actionSubmit, From: []lifecycle.State{Draft}, To: Submitted, By: []lifecycle.Role{Owner}, When: []lifecycle.Guard{Complete, NameFree, NeedsReviewer}, Why: "never approved before, or name, description, organization or scope differ from the approved copy"},
		{Action: actionSubmit, From: []lifecycle.State{Draft}, To: Approved, By: []lifecycle.Role{Owner}, When: []lifecycle.Guard{Complete, NameFree}, Unless: []lifecycle.Guard{NeedsReviewer}, Why: "nothing that a person has to look at has changed"},
		{Action: actionWithdraw, From: []lifecycle.State{Submitted}, To: Draft, By: []lifecycle.Role{Owner}, Why: "the request for review is taken back"},
		{Action: actionApprove, From: []lifecycle.State{Submitted}, To: Approved, By: []lifecycle.Role{Reviewer}, When: []lifecycle.Guard{NameFree}, Why: "the publication takes the data over"},
		{Action: actionApprove, From: []lifecycle.State{Submitted}, To: Rejected, By: []lifecycle.Role{Reviewer}, Unless: []lifecycle.Guard{NameFree}, Why: "another service of the organization was approved with the name meanwhile"},
		{Action: actionReject, From: []lifecycle.State{Submitted}, To: Rejected, By: []lifecycle.Role{Reviewer}, Why: "with a reason that the owner reads in the status"},
		{Action: actionDelete, From: []lifecycle.State{Draft, Rejected, Approved}, To: Deleted, By: []lifecycle.Role{Owner}, Why: "for good: the publication and the keys go, the record stays readable"},
	},
}

// Publication is the lifecycle of a publication.
var Publication = &lifecycle.Machine{
	Name: "publication", Title: "Lifecycle of a publication",
	States: []lifecycle.State{lifecycle.None, Unpublished, Published},
	Guards: []lifecycle.Guard{AutoPublish},
	Roles:  []lifecycle.Role{Owner, Lifecycle},
	Rules: []lifecycle.Rule{
		{Action: actionRelease, From: []lifecycle.State{lifecycle.None, Unpublished, Published}, To: Published, By: []lifecycle.Role{Lifecycle}, When: []lifecycle.Guard{AutoPublish}, Why: "the approved copy is visible at once"},
		{Action: actionRelease, From: []lifecycle.State{lifecycle.None, Unpublished}, To: Unpublished, By: []lifecycle.Role{Lifecycle}, Unless: []lifecycle.Guard{AutoPublish}, Why: "the approved copy waits for the owner to publish it"},
		{Action: actionRelease, From: []lifecycle.State{Published}, To: Published, By: []lifecycle.Role{Lifecycle}, Unless: []lifecycle.Guard{AutoPublish}, Why: "the visible copy stays, the approved one waits for the owner to publish it"},
		{Action: actionPublish, From: []lifecycle.State{Unpublished, Published}, To: Published, By: []lifecycle.Role{Owner}, Why: "the last approved copy becomes visible; a repeat changes nothing"},
		{Action: actionUnpublish, From: []lifecycle.State{Published, Unpublished}, To: Unpublished, By: []lifecycle.Role{Owner}, Why: "hidden; a repeat changes nothing"},
		{Action: actionRemove, From: []lifecycle.State{Unpublished, Published}, To: lifecycle.None, By: []lifecycle.Role{Lifecycle}, Why: "the service was deleted"},
	},
}
