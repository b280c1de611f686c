package service

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"ciclo/shared/platform/names"
	"ciclo/shared/platform/table"
)

// A name is unique within an organization, which a service names by a fiscal code that its
// owner writes down. Only an approval proves that the owner may use that code. So there are
// two claims on a name:
//
//   - the approved copy of a service claims its name against all services;
//   - a service that waits for a reviewer claims its name against the other services of its
//     owner.
//
// Each record remembers what it has claimed and frees exactly that. Otherwise a change of
// the form of claims would leave claims that no record frees, and block names for good.
// TestRaceOfApprovals and TestClaimsOfEarlierReleases prove it.

// claim is the claim of a service on a name.
type claim struct {
	ServiceID string `dynamodbav:"serviceId"`
	Owner     string `dynamodbav:"owner,omitempty"` // absent from claims of earlier releases
}

// nameHashes returns the hashes that identify a name in an organization, as [names.Claims]
// explains: the first is the same for names that look alike. They are hashes because keys
// have a greatest length and names have none.
func nameHashes(d *Data) []string {
	var all []string
	for _, text := range names.Claims(d.Name) {
		all = append(all, nameHash(d, text))
	}
	return all
}

func nameHash(d *Data, text string) string {
	sum := sha256.Sum256([]byte(d.Organization.FiscalCode + "\x00" + text))
	return hex.EncodeToString(sum[:])
}

// earlierHash returns the hash by which earlier releases claimed a name.
func earlierHash(d *Data) string { return nameHash(d, names.Earlier(d.Name)) }

// approvedKey is the key of an approved copy's claim.
func approvedKey(hash string) table.Key { return key("NAME#"+hash, nameSK) }

// submittedKey is the key of the claim of an owner's service that waits for a reviewer.
func submittedKey(hash, owner string) table.Key { return key("NAME#"+hash, nameSK+"#"+owner) }

// approvedKeys lists the claims of an approved copy with the name of d.
func approvedKeys(d *Data) []table.Key {
	var all []table.Key
	for _, hash := range nameHashes(d) {
		all = append(all, approvedKey(hash))
	}
	return all
}

// claims lists the claims of both records, in the order of their keys. Records of earlier
// releases do not remember them: their submissions claimed the name against all services.
func (s snapshot) claims() []table.Key {
	var all []table.Key
	if r := s.service; r != nil && r.State == Submitted {
		if r.Claim != "" {
			all = append(all, submittedKey(r.Claim, r.Owner))
		} else {
			all = append(all, approvedKey(earlierHash(&r.Data)))
		}
	}
	for _, hash := range s.publication.claims() {
		all = append(all, approvedKey(hash))
	}
	slices.SortFunc(all, func(a, b table.Key) int { return strings.Compare(a.PK+a.SK, b.PK+b.SK) })
	return slices.Compact(all)
}

// claims lists the hashes that the publication has claimed; none for nil.
func (p *publication) claims() []string {
	switch {
	case p == nil:
		return nil
	case p.Claims != nil:
		return p.Claims
	}
	return slices.Compact([]string{earlierHash(&p.Data), earlierHash(p.approved())})
}

// claimsAfter lists the hashes that the publication has to claim when it replaces before,
// which may be nil. A name that before had keeps the claims it has: an earlier release may
// have approved it beside a name that looks alike, and the service must not be refused until
// it is renamed. TestAlikeNamesOfEarlierReleases proves it.
func (p *publication) claimsAfter(before *publication) []string {
	var all []string
	for _, d := range []*Data{&p.Data, p.approved()} {
		hashes := nameHashes(d)
		if before != nil && (d.hasNameOf(&before.Data) || d.hasNameOf(before.approved())) {
			hashes = slices.DeleteFunc(hashes, func(hash string) bool { return !slices.Contains(before.claims(), hash) })
		}
		all = append(all, hashes...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// hasNameOf reports whether both have exactly the same name, in the same organization.
func (d *Data) hasNameOf(other *Data) bool {
	return d.Name == other.Name && d.Organization.FiscalCode == other.Organization.FiscalCode
}

// nameSteps claims the names that only after uses and frees those that only before used. A
// name that another service has claimed refuses the transaction: see nameConflict.
func nameSteps(before, after snapshot) []table.Step {
	var all []table.Step
	old := before.claims()
	wanted := after.claims()
	for _, k := range wanted {
		if !slices.Contains(old, k) {
			c := claim{ServiceID: after.service.ID, Owner: after.service.Owner}
			all = append(all, table.Put(fmt.Sprintf("%s %d", labelName, len(all)), k, c, table.NotExists()))
		}
	}
	for _, k := range old {
		if !slices.Contains(wanted, k) {
			all = append(all, table.Delete(fmt.Sprintf("free %d", len(all)), k, isFreeFor(before.service)))
		}
	}
	return all
}

// otherNameChecks returns checks that no other service has a claim that refuses the
// submission, though the submission does not make that claim itself: of an approved copy
// where the service is going to wait for a reviewer, and of a waiting service of the same
// owner where it is approved at once with a new name.
func otherNameChecks(before, after snapshot) []table.Step {
	if before.state() != Draft || after.service == before.service {
		return nil
	}
	s := after.service
	var keys []table.Key
	switch {
	case s.State == Submitted:
		keys = approvedKeys(&s.Data)
	case s.State == Approved && !slices.Equal(before.publication.claims(), after.publication.claims()):
		keys = []table.Key{submittedKey(nameHashes(&s.Data)[0], s.Owner)}
	}
	var checks []table.Step
	for i, k := range keys {
		checks = append(checks, table.Check(fmt.Sprintf("%s of another %d", labelName, i), k, isFreeFor(s)))
	}
	return checks
}

// isFreeFor is the condition on a claim that no other service has it.
func isFreeFor(s *service) table.Cond {
	return table.Any(table.NotExists(), table.Equals("serviceId", s.ID))
}

// nameConflict returns the claim of another service that refused the transaction, nil for
// none.
func nameConflict(refused *table.Refused, id string) *claim {
	if refused == nil {
		return nil
	}
	for _, step := range refused.Steps {
		if !strings.HasPrefix(step.Label, labelName) {
			continue
		}
		if c, err := table.As[claim](step.Current); err == nil && c != nil && c.ServiceID != id {
			return c
		}
	}
	return nil
}
