package operation

import "ciclo/shared/platform/lifecycle"

// The actions on an operation and the roles that may take them.
const (
	Record  lifecycle.Action = "record"
	Start   lifecycle.Action = "start"
	Succeed lifecycle.Action = "succeed"
	Fail    lifecycle.Action = "fail"

	Issuer lifecycle.Role = "issuer"
	Worker lifecycle.Role = "worker"
)

// Machine is the lifecycle of an operation (D1 v1, operation.status).
var Machine = &lifecycle.Machine{
	Name: "operation", Title: "Lifecycle of an operation",
	States: []lifecycle.State{lifecycle.None, Pending, Successful, Failed},
	Final:  []lifecycle.State{Successful, Failed},
	Roles:  []lifecycle.Role{Issuer, Worker},
	Rules: []lifecycle.Rule{
		{Action: Record, From: []lifecycle.State{lifecycle.None}, To: Successful, By: []lifecycle.Role{Issuer}, Why: "the change was made in the same transaction"},
		{Action: Start, From: []lifecycle.State{lifecycle.None}, To: Pending, By: []lifecycle.Role{Issuer}, Why: "the change is too large for one transaction; a worker finishes it"},
		{Action: Succeed, From: []lifecycle.State{Pending}, To: Successful, By: []lifecycle.Role{Worker}, Why: "everything was removed"},
		{Action: Fail, From: []lifecycle.State{Pending}, To: Failed, By: []lifecycle.Role{Worker}, Why: "it could not be finished; a new delete resumes it"},
	},
}
