package faults

import (
	"context"
	"net/http"
)

// Line is the line to DynamoDB on which one request meets a fault.
type Line struct {
	*Injector
	Fault  Fault
	At     int    // the request to break, -1 for none
	GiveUp func() // ends the call with the broken request; nil for a retry
}

// Do implements [Client].
func (l *Line) Do(req *http.Request) (*http.Response, error) {
	if l.Requests() != l.At {
		return l.Injector.Do(req)
	}
	if l.GiveUp != nil {
		defer l.GiveUp()
	}
	// A fault that blocks until the request's time is over finds it over.
	ctx, cancel := context.WithTimeout(req.Context(), 0)
	defer cancel()
	if l.Fault != Deadline {
		ctx = req.Context()
	}
	return l.Injector.Do(req.WithContext(ctx))
}
