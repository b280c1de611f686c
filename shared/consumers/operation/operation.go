// Package operation is the log of the operations on consumers. An operation is recorded in
// the same transaction as the change, listed newest first, and kept for the configured
// retention.
package operation

import (
	"encoding/json"
	"fmt"

	"ciclo/shared/platform/journal"
	"ciclo/shared/platform/lifecycle"
)

// Kind is the type of an operation (D1 v1, operation.operation).
type Kind string

// The kinds of operations on a consumer.
const (
	Register Kind = "REGISTER"
	Delete   Kind = "DELETE"
)

// The statuses of an operation (D1 v1, operation.status), which are the states of Machine.
const (
	Pending    lifecycle.State = "PENDING"
	Successful lifecycle.State = "SUCCESSFUL"
	Failed     lifecycle.State = "FAILED"
)

// Operation is an operation in answers (D1 v1, §operation).
type Operation struct {
	OperationID   string   `json:"operationId" minLength:"1" maxLength:"64" pattern:"^[A-Za-z0-9_-]*$" patternDescription:"^[A-Za-z0-9_-]{1,64}$" doc:"Unique identifier of the operation; later operations of a consumer sort after earlier ones"`
	Operation     Kind     `json:"operation" enum:"CLICK_TO_PAY_UPDATE,DELETE,DELETE_AUTHN,ENROLL_AUTHN,REGISTER,RESUME,SUSPEND" doc:"The operation type"`
	Status        string   `json:"status" enum:"SUCCESSFUL,PENDING,FAILED" doc:"Status of the operation"`
	StartTime     string   `json:"startTime" minLength:"1" maxLength:"64" example:"2022-06-16T06:28:02.492Z" doc:"When the request was processed, ISO 8601"`
	EndTime       string   `json:"endTime,omitempty" minLength:"1" maxLength:"64" example:"2022-06-16T06:28:32.492Z" doc:"When the operation was completed, ISO 8601; present once the status is final"`
	RequestorType string   `json:"requestorType" enum:"ISSUER,USER,CCI" doc:"The kind of the requestor"`
	RequestorID   string   `json:"requestorId" doc:"The issuerId, consumerId or customer-care user id, by requestorType"`
	Reason        string   `json:"reason,omitempty" pattern:"^[a-zA-Z0-9 ]{1,64}$" doc:"The reason as sent with the request"`
	ReasonCode    string   `json:"reasonCode,omitempty" enum:"USER_DECISION,ISSUER_DECISION" doc:"The reason as a code"`
	Details       *Details `json:"details,omitempty" doc:"Details of this type of operation"`
	ErrorCode     string   `json:"errorCode,omitempty" doc:"External error code, only when FAILED"`
	Error         string   `json:"error,omitempty" maxLength:"256" doc:"Human readable error, only when FAILED"`
	ExpiresAt     string   `json:"expiresAt" example:"2022-09-16T06:28:02.492Z" doc:"Until when it is listed, ISO 8601; not in D1"`
}

// Details holds the members of single types of operations: the counters are for DELETE,
// scheme for CLICK_TO_PAY_UPDATE, authenticatorId for ENROLL_AUTHN and DELETE_AUTHN.
type Details struct {
	DeletedAccounts     *int64 `json:"deletedAccounts,omitempty" doc:"Accounts removed with the consumer"`
	DeletedCards        *int64 `json:"deletedCards,omitempty" doc:"Cards removed with the consumer"`
	DeletedDigitalCards *int64 `json:"deletedDigitalCards,omitempty" doc:"Digital cards removed with the consumer"`
	Scheme              string `json:"scheme,omitempty" enum:"VISA,MASTERCARD" doc:"Card scheme"`
	AuthenticatorID     string `json:"authenticatorId,omitempty" doc:"The authenticator"`
}

// row is a stored operation. Details are stored as JSON text, so their members can change
// without rewriting rows.
type row struct {
	ID            string `dynamodbav:"operationId"`
	Operation     Kind   `dynamodbav:"operation"`
	Status        string `dynamodbav:"status"`
	StartTime     string `dynamodbav:"startTime"`
	EndTime       string `dynamodbav:"endTime,omitempty"`
	RequestorType string `dynamodbav:"requestorType"`
	RequestorID   string `dynamodbav:"requestorId"`
	Reason        string `dynamodbav:"reason,omitempty"`
	ReasonCode    string `dynamodbav:"reasonCode,omitempty"`
	Details       string `dynamodbav:"details,omitempty"`
	ErrorCode     string `dynamodbav:"errorCode,omitempty"`
	Error         string `dynamodbav:"error,omitempty"`
	CorrelationID string `dynamodbav:"correlationId,omitempty"`
	journal.Expiry
}

func (r row) view() (Operation, error) {
	op := Operation{
		OperationID: r.ID, Operation: r.Operation, Status: r.Status,
		StartTime: r.StartTime, EndTime: r.EndTime,
		RequestorType: r.RequestorType, RequestorID: r.RequestorID,
		Reason: r.Reason, ReasonCode: r.ReasonCode,
		ErrorCode: r.ErrorCode, Error: r.Error, ExpiresAt: r.ExpiresAt,
	}
	if r.Details != "" {
		if err := json.Unmarshal([]byte(r.Details), &op.Details); err != nil {
			return Operation{}, fmt.Errorf("operation %s: details: %w", r.ID, err)
		}
	}
	return op, nil
}
