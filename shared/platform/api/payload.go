package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// decodePayload decodes the payload of a job into in. It accepts nothing at all (no bytes,
// null, {}), the event that a scheduler sends by itself, and the job's own form with exact
// names. A job changes much at once, so that a member which it does not know, such as a
// misspelt dryRun, is an error and not ignored.
func decodePayload[I any](payload []byte, in *I) error {
	payload = bytes.TrimSpace(payload)
	if len(payload) == 0 || string(payload) == "null" || isScheduled(payload) {
		return nil
	}
	form := reflect.TypeFor[I]()
	if form.Kind() == reflect.Struct {
		fields := membersOf(form)
		sent, err := object(payload)
		if err == nil {
			for name, value := range sent {
				if _, known := fields[name]; !known || string(value) == "null" {
					err = errors.New("a member that is not known, or null")
				}
			}
		}
		if err != nil {
			return fmt.Errorf("%w; send nothing, a scheduler's event, or an object with no other members than [%s]. Nothing was done",
				err, strings.Join(slices.Sorted(maps.Keys(fields)), ", "))
		}
	}
	err := json.Unmarshal(payload, in)
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok && e.Field != "" {
		return fmt.Errorf("the member %s is of another type. Nothing was done", e.Field)
	}
	return err
}

// object returns the members of a JSON object, or an error if two have the same name.
func object(text []byte) (map[string]json.RawMessage, error) {
	if !json.Valid(text) || text[0] != '{' {
		return nil, errors.New("not a JSON object")
	}
	decoder := json.NewDecoder(bytes.NewReader(text))
	_, _ = decoder.Token() // the brace
	members := map[string]json.RawMessage{}
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		text, _ := name.(string)
		if _, twice := members[text]; twice {
			return nil, errors.New("a member that comes twice")
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, err
		}
		members[text] = value
	}
	return members, nil
}

// scheduled is the event that EventBridge Scheduler (source aws.scheduler) and a scheduled
// rule of EventBridge (aws.events) send to a target without an input of its own.
type scheduled struct {
	Version    string          `json:"version"`
	ID         string          `json:"id"`
	DetailType string          `json:"detail-type"`
	Source     string          `json:"source"`
	Account    string          `json:"account"`
	Time       string          `json:"time"`
	Region     string          `json:"region"`
	Resources  []string        `json:"resources"`
	Detail     json.RawMessage `json:"detail"`
}

// isScheduled reports whether a payload is a scheduler's event. Its detail must be empty: a
// job has no options that a detail could set.
func isScheduled(payload []byte) bool {
	sent, err := object(payload)
	if err != nil {
		return false
	}
	fields := membersOf(reflect.TypeFor[scheduled]())
	for name := range fields {
		if _, there := sent[name]; !there {
			return false
		}
	}
	var e scheduled
	if len(sent) != len(fields) || json.Unmarshal(payload, &e) != nil {
		return false
	}
	return e.Version == "0" && e.DetailType == "Scheduled Event" &&
		slices.Contains([]string{"aws.events", "aws.scheduler"}, e.Source) &&
		slices.Contains([]string{`{}`, `"{}"`, `""`}, string(e.Detail))
}
