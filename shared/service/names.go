package service

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"ciclo/shared/table"
)

// A name belongs to an organization, which a service names by a fiscal code that its
// owner writes down. Only an approval proves that the owner may. So there are two claims:
//
//   - the approved copy of a service claims its name against all services;
//   - a service that waits for a reviewer claims its name against its owner's others.
//
// Each record remembers what it has claimed, so that it frees exactly that, also after the
// form of claims has changed. TestRaceOfApprovals and TestClaimsOfEarlierReleases prove it.

// claim is a name in use.
type claim struct {
	ServiceID string `dynamodbav:"serviceId"`
	Owner     string `dynamodbav:"owner,omitempty"` // absent from claims of earlier releases
}

// nameHash identifies a name in an organization, whatever its case. Names have no greatest
// length, keys do; hence the hash.
func nameHash(d *Data) string {
	sum := sha256.Sum256([]byte(d.Organization.FiscalCode + "\x00" + strings.ToLower(d.Name)))
	return hex.EncodeToString(sum[:])
}

// approvedKey is the claim of an approved copy on a name.
func approvedKey(hash string) table.Key { return key("NAME#"+hash, nameSK) }

// submittedKey is the claim on a name of an owner's service that waits for a reviewer.
func submittedKey(hash, owner string) table.Key { return key("NAME#"+hash, nameSK+"#"+owner) }

// claims lists the claims that the records have. Records of earlier releases do not say:
// their submissions claimed the name against all services.
func (s snapshot) claims() []table.Key {
	var all []table.Key
	if r := s.service; r != nil && r.State == Submitted {
		if r.Claim != "" {
			all = append(all, submittedKey(r.Claim, r.Owner))
		} else {
			all = append(all, approvedKey(nameHash(&r.Data)))
		}
	}
	if p := s.publication; p != nil {
		for _, hash := range p.claims() {
			all = append(all, approvedKey(hash))
		}
	}
	slices.SortFunc(all, func(a, b table.Key) int { return strings.Compare(a.PK+a.SK, b.PK+b.SK) })
	return slices.Compact(all)
}

func (p *publication) claims() []string {
	if p.Claims != nil {
		return p.Claims
	}
	return p.names()
}

// names lists the hashes of the names that the publication uses.
func (p *publication) names() []string {
	used := []string{nameHash(&p.Data)}
	if next := nameHash(p.approved()); next != used[0] {
		used = append(used, next)
	}
	return used
}

// nameSteps claims the names that after uses and before did not, and frees those it no
// longer uses. A name that another service has refuses the transaction.
func nameSteps(before, after snapshot) []table.Step {
	var all []table.Step
	label := func() string { return fmt.Sprintf("%s %d", labelName, len(all)) }
	had, has := before.claims(), after.claims()
	for _, k := range has {
		if !slices.Contains(had, k) {
			all = append(all, table.Put(label(), k, claim{after.service.ID, after.service.Owner}, table.NotExists()))
		}
	}
	if k, asked := otherClaim(before, after); asked {
		all = append(all, table.Check(label(), k, table.Any(table.NotExists(), table.Equals("serviceId", after.service.ID))))
	}
	for _, k := range had {
		if !slices.Contains(has, k) {
			all = append(all, table.Delete(fmt.Sprintf("free %d", len(all)), k, table.Any(table.NotExists(), table.Equals("serviceId", before.service.ID))))
		}
	}
	return all
}

// otherClaim returns the claim that refuses a submission besides the one it makes: that of
// an approved copy where it waits for a reviewer, and that of a waiting service of the same
// owner where it is approved at once.
func otherClaim(before, after snapshot) (table.Key, bool) {
	if before.state() != Draft || after.service == before.service {
		return table.Key{}, false
	}
	hash := nameHash(&after.service.Data)
	switch after.service.State {
	case Submitted:
		return approvedKey(hash), true
	case Approved:
		return submittedKey(hash, after.service.Owner), !slices.Contains(before.claims(), approvedKey(hash))
	}
	return table.Key{}, false
}

// takenBy returns the claim of another service that refused the transaction, nil for none.
func takenBy(refused *table.Refused, id string) *claim {
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
