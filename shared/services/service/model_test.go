package service_test

import (
	"fmt"
	"net/http"
	"strings"

	"ciclo/shared/platform/problem"
	"ciclo/shared/services"
)

// model is the rules of the API, without storage.
type model struct {
	services []*modelService
	submits  int // counts submissions
}

// modelService is a service of the model.
type modelService struct {
	path, owner string
	state       string
	version     int
	data        modelData
	reason      string
	auto        bool
	turn        int // in the queue
	rows        []string
	publication *modelCopy
}

// modelData is the data of a service. The review rejects data that are broken.
type modelData struct {
	name, phone string
	isBroken    bool
}

type modelCopy struct {
	state   string
	version int
	data    modelData
	next    *modelData
}

// isLike reports whether the stored publication is that of the model.
func (p *modelCopy) isLike(stored *record) bool {
	if p == nil || stored == nil {
		return p == nil && stored == nil
	}
	return p.approved().name == stored.approved().Name && (p.next == nil) == (stored.Next == nil)
}

// approved returns the copy that was approved last.
func (p *modelCopy) approved() modelData {
	if p.next != nil {
		return *p.next
	}
	return p.data
}

// accepted stands for a change that is not refused.
var accepted = problem.Code{}

// create adds a draft.
func (m *model) create(owner string, d modelData) *modelService {
	s := &modelService{owner: owner, data: d}
	s.to("draft")
	m.services = append(m.services, s)
	return s
}

// to makes the next version of a service.
func (s *modelService) to(state string) {
	s.state = state
	s.version++
	s.reason = ""
	s.auto = false
	s.turn = 0
	s.rows = append(s.rows, fmt.Sprint("lifecycle ", state, " ", s.data.name))
}

func (s *modelService) edit(d modelData) problem.Code {
	if s.state == "submitted" || s.state == "deleted" {
		return services.NoTransition
	}
	s.data = d
	s.to("draft")
	return accepted
}

// approved returns the service that has an approved copy with a name, nil for none.
func (m *model) approved(name string) *modelService {
	for _, s := range m.services {
		p := s.publication
		if p != nil && (strings.EqualFold(p.data.name, name) || strings.EqualFold(p.approved().name, name)) {
			return s
		}
	}
	return nil
}

// submitted returns the service of an owner that waits for a reviewer with a name.
func (m *model) submitted(owner, name string) *modelService {
	for _, s := range m.services {
		if s.state == "submitted" && s.owner == owner && strings.EqualFold(s.data.name, name) {
			return s
		}
	}
	return nil
}

// holder returns the other service that refuses a name to s, nil for none.
func (m *model) holder(s *modelService) *modelService {
	for _, other := range []*modelService{m.submitted(s.owner, s.data.name), m.approved(s.data.name)} {
		if other != nil && other != s {
			return other
		}
	}
	return nil
}

// duplicate rejects s because holder has its name.
func (s *modelService) duplicate(holder *modelService) {
	s.to("rejected")
	s.reason = fmt.Sprintf("name: the organization has a service of another owner with the name %q already; choose another name", s.data.name)
	if holder.owner == s.owner {
		s.reason = fmt.Sprintf("name: the organization has the service %s with the name %q already", idOf(holder.path), s.data.name)
	}
}

func (m *model) submit(s *modelService, auto bool) problem.Code {
	if s.state != "draft" {
		return services.NoTransition
	}
	holder := m.holder(s)
	switch {
	case s.data.isBroken:
		s.to("rejected")
		s.reason = "metadata.privacy_url: the privacy notice is needed"
	case holder != nil:
		s.duplicate(holder)
	case s.publication == nil || s.publication.approved().name != s.data.name:
		s.to("submitted")
		m.submits++
		s.auto = auto
		s.turn = m.submits
	default:
		s.approve(auto)
	}
	return accepted
}

func (s *modelService) approve(auto bool) {
	s.to("approved")
	p := s.publication
	if p == nil {
		p = &modelCopy{state: "unpublished"}
		s.publication = p
	}
	p.version++
	d := s.data
	switch {
	case auto:
		p.state = "published"
		p.data = d
		p.next = nil
		s.rows = append(s.rows, "publication published "+d.name)
	case p.state == "published":
		p.next = &d
		s.rows = append(s.rows, "publication unpublished "+d.name)
	default:
		p.data = d
		p.next = nil
		s.rows = append(s.rows, "publication unpublished "+d.name)
	}
}

// decide ends a review: what is withdraw, reject or approve.
func (m *model) decide(s *modelService, what string) problem.Code {
	if s.state != "submitted" {
		return services.NoTransition
	}
	if holder := m.approved(s.data.name); what == "approve" && holder != nil && holder != s {
		s.duplicate(holder)
		return services.DuplicateName
	}
	switch what {
	case "approve":
		s.approve(s.auto)
	case "reject":
		s.to("rejected")
		s.reason = "R"
	default:
		s.to("draft")
	}
	return accepted
}

func (s *modelService) remove() problem.Code {
	if s.state == "submitted" || s.state == "deleted" {
		return services.NoTransition
	}
	s.to("deleted")
	s.publication = nil
	return accepted
}

func (s *modelService) release(publish bool) problem.Code {
	p := s.publication
	switch {
	case s.state == "deleted":
		return services.ServiceNotFound
	case p == nil:
		return services.PublicationNotFound
	case publish && (p.state != "published" || p.next != nil):
		p.state = "published"
		p.data = p.approved()
		p.next = nil
	case !publish && p.state == "published":
		p.state = "unpublished"
	default:
		return accepted
	}
	p.version++
	s.rows = append(s.rows, "publication "+p.state+" "+p.data.name)
	return accepted
}

// waiting returns the queue, a line per service, the longest waiting first.
func (m *model) waiting() string {
	line := ""
	for turn := range m.submits + 1 {
		for _, s := range m.services {
			if turn > 0 && s.turn == turn && s.state == "submitted" {
				line += fmt.Sprint(s.path, " first ", s.publication == nil, " publishes ", s.auto, "\n")
			}
		}
	}
	return line
}

// view returns what readers see of a service and of its publication.
func (s *modelService) view() string {
	line := fmt.Sprint(s.state, " v", s.version, " ", s.data.name, " ", s.data.phone)
	if s.reason != "" {
		line += " because " + s.reason
	}
	switch p := s.publication; {
	case s.state == "deleted", p == nil:
		return line + " | " + fmt.Sprint(http.StatusNotFound)
	default:
		return line + fmt.Sprint(" | ", p.state, " v", p.version, " ", p.data.name, " ", p.data.phone)
	}
}
