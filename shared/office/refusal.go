package office

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// Refusal is an API's answer that something is not possible (RFC 9457), in the shape of any
// of the products.
type Refusal struct {
	Status         int
	Code           string
	Title          string
	Detail         string
	CorrelationID  string
	State          string
	AllowedActions []string
	Fields         []FieldError // the offending fields
	Key            bool         // whether the manage key of the session was sent
}

// FieldError is what an API says about one field of a request.
type FieldError struct {
	Name   string // as the API calls it, e.g. metadata.privacy_url
	Detail string
}

// Error implements error.
func (r *Refusal) Error() string { return fmt.Sprintf("answered %d: %s", r.Status, r.Detail) }

// Refused returns the refusal that an error is or wraps, and false for any other error.
func Refused(err error) (*Refusal, bool) { return errors.AsType[*Refusal](err) }

// Conflict reports whether another change came first, or the state does not allow this one.
func (r *Refusal) Conflict() bool {
	return r.Status == http.StatusConflict || r.Status == http.StatusPreconditionFailed
}

// refusalOf reads a problem document; what is none becomes a refusal with its status alone.
func refusalOf(status int, text []byte, correlationID string) *Refusal {
	var p struct {
		Type           string   `json:"type"`
		Title          string   `json:"title"`
		Detail         string   `json:"detail"`
		ErrorCode      string   `json:"errorCode"`
		CorrelationID  string   `json:"correlationId"`
		State          string   `json:"state"`
		AllowedActions []string `json:"allowedActions"`
		Errors         []struct{ Name, Field, Code, Detail string }
	}
	r := &Refusal{Status: status, CorrelationID: correlationID}
	if json.Unmarshal(text, &p) != nil {
		return r
	}
	r.Title, r.Detail, r.State, r.AllowedActions = p.Title, p.Detail, p.State, p.AllowedActions
	r.Code = p.ErrorCode
	if urn := strings.Split(p.Type, ":"); r.Code == "" && len(urn) > 2 {
		r.Code = urn[len(urn)-1]
	}
	if p.CorrelationID != "" {
		r.CorrelationID = p.CorrelationID
	}
	for _, e := range p.Errors {
		name, detail := e.Name, e.Detail
		if e.Field != "" {
			name = e.Field
		}
		if e.Code != "" && r.Code == "" {
			r.Code = e.Code
		}
		if name == "" && status == http.StatusBadRequest { // as PDND writes it
			before, after, found := strings.Cut(detail, ": ")
			if found && !strings.Contains(before, " ") {
				name, detail = before, after
			}
		}
		if name != "" {
			r.Fields = append(r.Fields, FieldError{Name: name, Detail: detail})
		}
	}
	return r
}
