package purpose_test

import (
	"ciclo/shared/interop"
	"ciclo/shared/platform/problem"
)

func (m *model) archive(p *planned) problem.Code {
	v := p.current()
	switch {
	case v == nil:
		return interop.NoCurrentPurposeVersion
	case v.state != "ACTIVE" && v.state != "SUSPENDED":
		return interop.PurposeVersionNotInState
	}
	p.becomes(v, "archive", "consumer", "ARCHIVED")
	if waiting := p.newest("WAITING_FOR_APPROVAL"); waiting != nil {
		p.remove(waiting, "withdraw", "platform")
	}
	return accepted
}

func (m *model) suspend(p *planned, side string) problem.Code {
	v := p.current()
	switch {
	case v == nil:
		return interop.NoCurrentPurposeVersion
	case v.state != "ACTIVE" && v.state != "SUSPENDED":
		return interop.PurposeVersionNotInState
	}
	if waiting := p.newest("WAITING_FOR_APPROVAL"); waiting != nil && waiting.resumes == side {
		waiting.resumes = ""
	} else if p.suspended[side] {
		return accepted
	}
	p.suspended[side] = true
	p.becomes(v, "suspend", side, "SUSPENDED")
	return accepted
}

func (m *model) unsuspend(p *planned, side string) problem.Code {
	v := p.newest("SUSPENDED")
	switch {
	case v == nil:
		return interop.NoPurposeVersionInState
	case side == "consumer" && !p.suspended[side]:
		return interop.PurposeNotAllowed
	case !p.suspended[side]:
		return accepted
	}
	others := map[string]string{"consumer": "producer", "producer": "consumer"}
	asks := !p.suspended[others[side]] && (side == "consumer" || p.self)
	if asks && !m.joined(p.consumer) {
		return interop.PurposeWithoutAgreement
	}
	if asks {
		if check := m.check(p.consumer, v.calls, v.calls); check != "" {
			if waiting := p.newest("WAITING_FOR_APPROVAL"); waiting == nil || waiting.resumes != side {
				m.resume(p, v, side, check)
			}
			return accepted
		}
	}
	p.suspended[side] = false
	p.becomes(v, "unsuspend", side, p.inUse())
	if waiting := p.newest("WAITING_FOR_APPROVAL"); waiting != nil && waiting.resumes == side {
		p.remove(waiting, "withdraw", "platform")
	}
	return accepted
}

// resume makes a version that waits for the end of a suspension.
func (m *model) resume(p *planned, v *attempt, side, check string) {
	if waiting := p.newest("WAITING_FOR_APPROVAL"); waiting != nil {
		p.remove(waiting, "withdraw", "platform")
	}
	next := p.add("unsuspend", side, "WAITING_FOR_APPROVAL", v.calls)
	next.check = check
	next.resumes = side
}
