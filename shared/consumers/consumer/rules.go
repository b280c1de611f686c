package consumer

import "ciclo/shared/platform/lifecycle"

// The states of a consumer.
const (
	Active       lifecycle.State = "ACTIVE"
	Deleting     lifecycle.State = "DELETING"
	DeleteFailed lifecycle.State = "DELETE_FAILED"
	Deleted      lifecycle.State = "DELETED"
)

// The actions on a consumer, the roles that may take them, and the guards.
const (
	actionRegister lifecycle.Action = "register"
	actionAddChild lifecycle.Action = "addChild"
	actionDelete   lifecycle.Action = "delete"
	actionRemove   lifecycle.Action = "removeChildren"
	actionFinish   lifecycle.Action = "finish"
	actionFail     lifecycle.Action = "fail"

	Issuer lifecycle.Role = "issuer"
	Worker lifecycle.Role = "worker"

	Fits         lifecycle.Guard = "fitsOneTransaction"
	ReuseAllowed lifecycle.Guard = "reuseAllowed"
)

// Machine is the lifecycle of a consumer. A deleted consumer remains as a tombstone, so
// its id is refused (D1 v1: a returning end user needs a new consumerId) unless the
// deployment allows reuse (D1 guide, May 2024).
var Machine = &lifecycle.Machine{
	Name: "consumer", Title: "Lifecycle of a consumer",
	States: []lifecycle.State{lifecycle.None, Active, Deleting, DeleteFailed, Deleted},
	Guards: []lifecycle.Guard{Fits, ReuseAllowed},
	Roles:  []lifecycle.Role{Issuer, Worker},
	Rules: []lifecycle.Rule{
		{Action: actionRegister, From: []lifecycle.State{lifecycle.None}, To: Active, By: []lifecycle.Role{Issuer}, Why: "first registration; recorded as a REGISTER operation"},
		{Action: actionRegister, From: []lifecycle.State{Active}, To: Active, By: []lifecycle.Role{Issuer}, Why: "a repeat changes and records nothing"},
		{Action: actionRegister, From: []lifecycle.State{Deleted}, To: Active, By: []lifecycle.Role{Issuer}, When: []lifecycle.Guard{ReuseAllowed}, Why: "a new incarnation; nothing of the old one comes back"},
		{Action: actionAddChild, From: []lifecycle.State{Active}, To: Active, By: []lifecycle.Role{Issuer}, Why: "accounts, cards and digital cards are registered under an active consumer only"},
		{Action: actionDelete, From: []lifecycle.State{Active, DeleteFailed}, To: Deleted, By: []lifecycle.Role{Issuer}, When: []lifecycle.Guard{Fits}, Why: "the consumer and everything under it go in one transaction"},
		{Action: actionDelete, From: []lifecycle.State{Active, DeleteFailed}, To: Deleting, By: []lifecycle.Role{Issuer}, Unless: []lifecycle.Guard{Fits}, Why: "a worker removes what is under it; the operation is PENDING from this transaction on"},
		{Action: actionDelete, From: []lifecycle.State{Deleting}, To: Deleting, By: []lifecycle.Role{Issuer}, Why: "a repeat answers with the operation under way"},
		{Action: actionRemove, From: []lifecycle.State{Deleting}, To: Deleting, By: []lifecycle.Role{Worker}, Why: "leaves first: digital cards, cards, accounts; the counters move with them"},
		{Action: actionFinish, From: []lifecycle.State{Deleting}, To: Deleted, By: []lifecycle.Role{Worker}, Why: "nothing is left under it; the operation becomes SUCCESSFUL"},
		{Action: actionFail, From: []lifecycle.State{Deleting}, To: DeleteFailed, By: []lifecycle.Role{Worker}, Why: "it cannot be finished; the operation becomes FAILED and a new delete resumes it"},
	},
}
