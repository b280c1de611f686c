package service_test

import (
	"fmt"
	"net/http"
	"strings"

	"ciclo/shared/platform/problem"
	"ciclo/shared/services"
)

// model is what services must look like: the rules of the API without storage.
type model struct {
	services []*modelled
	submits  int // counts submissions
}

// modelled is a service.
type modelled struct {
	path, owner string
	state       string
	version     int
	data        copied
	reason      string
	auto        bool
	turn        int // in the queue
	rows        []string
	publication *modelledCopy
}

// copied is the data that matters: broken lacks what the review asks for.
type copied struct {
	name, phone string
	broken      bool
}

type modelledCopy struct {
	state   string
	version int
	data    copied
	next    *copied
}

func (p *modelledCopy) approved() copied {
	if p.next != nil {
		return *p.next
	}
	return p.data
}

var done = problem.Code{}

func (m *model) create(owner string, d copied) *modelled {
	s := &modelled{owner: owner, data: d}
	s.to("draft")
	m.services = append(m.services, s)
	return s
}

// to makes the next version of a service.
func (s *modelled) to(state string) {
	s.state, s.version, s.reason, s.auto, s.turn = state, s.version+1, "", false, 0
	s.rows = append(s.rows, fmt.Sprint("lifecycle ", state, " ", s.data.name))
}

func (s *modelled) edit(d copied) problem.Code {
	if s.state == "submitted" || s.state == "deleted" {
		return services.NoTransition
	}
	s.data = d
	s.to("draft")
	return done
}

// approved is who has an approved copy with a name, nil for nobody.
func (m *model) approved(name string) *modelled {
	for _, s := range m.services {
		p := s.publication
		if p != nil && (strings.EqualFold(p.data.name, name) || strings.EqualFold(p.approved().name, name)) {
			return s
		}
	}
	return nil
}

// submitted is the service of an owner that waits for a reviewer with a name.
func (m *model) submitted(owner, name string) *modelled {
	for _, s := range m.services {
		if s.state == "submitted" && s.owner == owner && strings.EqualFold(s.data.name, name) {
			return s
		}
	}
	return nil
}

// holder is the other service that refuses a name to s, nil for none.
func (m *model) holder(s *modelled) *modelled {
	for _, other := range []*modelled{m.submitted(s.owner, s.data.name), m.approved(s.data.name)} {
		if other != nil && other != s {
			return other
		}
	}
	return nil
}

// duplicate makes s rejected for the name that another service has.
func (s *modelled) duplicate(holder *modelled) {
	s.to("rejected")
	s.reason = fmt.Sprintf("name: the organization has a service of another owner with the name %q already; choose another name", s.data.name)
	if holder.owner == s.owner {
		s.reason = fmt.Sprintf("name: the organization has the service %s with the name %q already", idOf(holder.path), s.data.name)
	}
}

func (m *model) submit(s *modelled, auto bool) problem.Code {
	if s.state != "draft" {
		return services.NoTransition
	}
	holder := m.holder(s)
	switch {
	case s.data.broken:
		s.to("rejected")
		s.reason = "metadata.privacy_url: the privacy notice is needed"
	case holder != nil:
		s.duplicate(holder)
	case s.publication == nil || s.publication.approved().name != s.data.name:
		s.to("submitted")
		m.submits++
		s.auto, s.turn = auto, m.submits
	default:
		s.approve(auto)
	}
	return done
}

func (s *modelled) approve(auto bool) {
	s.to("approved")
	p := s.publication
	if p == nil {
		p = &modelledCopy{state: "unpublished"}
		s.publication = p
	}
	p.version++
	d := s.data
	switch {
	case auto:
		p.state, p.data, p.next = "published", d, nil
		s.rows = append(s.rows, "publication published "+d.name)
	case p.state == "published":
		p.next = &d
		s.rows = append(s.rows, "publication unpublished "+d.name)
	default:
		p.data, p.next = d, nil
		s.rows = append(s.rows, "publication unpublished "+d.name)
	}
}

// decide is withdrawing, rejecting or approving.
func (m *model) decide(s *modelled, what string) problem.Code {
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
	return done
}

func (s *modelled) remove() problem.Code {
	if s.state == "submitted" || s.state == "deleted" {
		return services.NoTransition
	}
	s.to("deleted")
	s.publication = nil
	return done
}

func (s *modelled) release(publish bool) problem.Code {
	p := s.publication
	switch {
	case s.state == "deleted":
		return services.ServiceNotFound
	case p == nil:
		return services.PublicationNotFound
	case publish && (p.state != "published" || p.next != nil):
		p.state, p.data, p.next = "published", p.approved(), nil
	case !publish && p.state == "published":
		p.state = "unpublished"
	default:
		return done
	}
	p.version++
	s.rows = append(s.rows, "publication "+p.state+" "+p.data.name)
	return done
}

// waiting lists the queue, the one that has waited longest first.
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

// view is what GET says of a service and of its publication.
func (s *modelled) view() string {
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
