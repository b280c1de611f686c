package services

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"strconv"
	"strings"
)

// sheet is a service as the API answers it, with all members: an update replaces everything,
// and must not lose what no form shows.
type sheet map[string]any

// segment escapes an id for a path.
func segment(id string) string { return url.PathEscape(id) }

// at returns the object that has a member with a dotted name, and the member's own name.
func (s sheet) at(name string) (object map[string]any, member string) {
	object = s
	for {
		outer, inner, nested := strings.Cut(name, ".")
		if !nested {
			return object, name
		}
		next, isObject := object[outer].(map[string]any)
		if !isObject {
			next = map[string]any{}
		}
		object, name = next, inner
	}
}

// Text returns a member as a form shows it: lists have a line for each entry.
func (s sheet) Text(name string) string {
	object, member := s.at(name)
	switch value := object[member].(type) {
	case nil:
		return ""
	case string:
		return value
	case float64:
		return strconv.FormatFloat(value, 'f', -1, 64)
	case []any:
		lines := make([]string, len(value))
		for i, entry := range value {
			lines[i] = fmt.Sprint(entry)
		}
		return strings.Join(lines, "\n")
	default:
		return fmt.Sprint(value)
	}
}

// set replaces a member; nil removes it.
func (s sheet) set(name string, value any) {
	outer, inner, nested := strings.Cut(name, ".")
	switch {
	case nested:
		object, isObject := s[outer].(map[string]any)
		if !isObject {
			object = map[string]any{}
		}
		sheet(object).set(inner, value)
		s[outer] = object
	case value == nil:
		delete(s, name)
	default:
		s[name] = value
	}
}

// payload returns a copy of the sheet as an update sends it: without what the API adds, and
// with the id of the topic.
func (s sheet) payload() sheet {
	p := sheet{}
	for name, value := range s.clone() {
		switch name {
		case "id", "status", "version", "last_update", "visibility":
		default:
			p[name] = value
		}
	}
	metadata, _ := p["metadata"].(map[string]any)
	delete(metadata, "group_id")
	if topic, has := metadata["topic"].(map[string]any); has {
		metadata["topic_id"] = topic["id"]
	}
	delete(metadata, "topic")
	return p
}

// clone returns a copy that shares no object with the sheet.
func (s sheet) clone() sheet {
	c := maps.Clone(s)
	for name, value := range c {
		if object, isObject := value.(map[string]any); isObject {
			c[name] = map[string]any(sheet(object).clone())
		}
	}
	return c
}

// as reads the sheet into out, a pointer to a struct with some of its members.
func (s sheet) as(out any) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return json.Unmarshal(text, out)
}
