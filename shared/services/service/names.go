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

// nameHashes identify a name in an organization, as [names.Claims] says: the first is the
// same for names that look alike. Names have no greatest length, keys do; hence the hash.
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

// earlierHash is the claim that earlier releases made on a name.
func earlierHash(d *Data) string { return nameHash(d, names.Earlier(d.Name)) }

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
			all = append(all, approvedKey(earlierHash(&r.Data)))
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

// claims lists the hashes that the publication has claimed.
func (p *publication) claims() []string {
	switch {
	case p == nil:
		return nil
	case p.Claims != nil:
		return p.Claims
	}
	return slices.Compact([]string{earlierHash(&p.Data), earlierHash(p.approved())})
}

// wanted lists the hashes of the names that the publication uses after before. A name that
// before used stays claimed as it is: what an earlier release let pass beside a name that
// looks alike is refused nothing until it is renamed.
func (p *publication) wanted(before *publication) []string {
	var all []string
	for _, d := range []*Data{&p.Data, p.approved()} {
		hashes := nameHashes(d)
		if before != nil && (d.isCalled(&before.Data) || d.isCalled(before.approved())) {
			hashes = slices.DeleteFunc(hashes, func(hash string) bool { return !slices.Contains(before.claims(), hash) })
		}
		all = append(all, hashes...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// isCalled tells whether both have the same name, to the letter, in the same organization.
func (d *Data) isCalled(other *Data) bool {
	return d.Name == other.Name && d.Organization.FiscalCode == other.Organization.FiscalCode
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
	for _, k := range otherClaims(before, after) {
		all = append(all, table.Check(label(), k, table.Any(table.NotExists(), table.Equals("serviceId", after.service.ID))))
	}
	for _, k := range had {
		if !slices.Contains(has, k) {
			all = append(all, table.Delete(fmt.Sprintf("free %d", len(all)), k, table.Any(table.NotExists(), table.Equals("serviceId", before.service.ID))))
		}
	}
	return all
}

// otherClaims returns the claims that refuse a submission besides those it makes: of an
// approved copy where it waits for a reviewer, and of a waiting service of the same owner
// where it is approved at once with a name that is new.
func otherClaims(before, after snapshot) []table.Key {
	if before.state() != Draft || after.service == before.service {
		return nil
	}
	s := after.service
	switch {
	case s.State == Submitted:
		return approvedKeys(&s.Data)
	case s.State == Approved && !slices.Equal(before.publication.claims(), after.publication.claims()):
		return []table.Key{submittedKey(nameHashes(&s.Data)[0], s.Owner)}
	}
	return nil
}

// approvedKeys are the claims of an approved copy with the name of d.
func approvedKeys(d *Data) []table.Key {
	var all []table.Key
	for _, hash := range nameHashes(d) {
		all = append(all, approvedKey(hash))
	}
	return all
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
