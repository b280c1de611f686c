package eservice

import (
	"errors"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// SharedAudiencesSetting names the environment variable that lets several producers
// publish one audience ("true").
const SharedAudiencesSetting = "SHARED_AUDIENCES"

// Settings that name the audiences of the deployment itself.
const (
	settingAudience = "AUDIENCE"    // of its access tokens
	settingIssuer   = "SIGN_ISSUER" // of vouchers; what is below it are endpoints
)

// audiences is what a change has to know about audiences beyond its own e-service.
type audiences struct {
	shared   bool            // several producers may publish one
	audience string          // of the access tokens of this deployment, "" for none
	issuer   string          // of its vouchers, "" for none
	taken    map[string]bool // hashes of those that another producer was found to have
}

// audiencesFrom reads the settings.
func audiencesFrom(deps api.Deps) (a audiences, err error) {
	a.audience, a.issuer = foldAudience(deps.Setting(settingAudience)), foldAudience(deps.Setting(settingIssuer))
	if text := deps.Setting(SharedAudiencesSetting); text != "" {
		if a.shared, err = strconv.ParseBool(text); err != nil {
			return a, errors.New(SharedAudiencesSetting + " must be true or false")
		}
	}
	return a, nil
}

// reserved tells whether an audience is the deployment's own, or below its issuer,
// as its token endpoint is.
func (a audiences) reserved(value string) bool {
	folded := foldAudience(value)
	return folded == a.audience || a.issuer != "" && (folded == a.issuer || strings.HasPrefix(folded, a.issuer+"/"))
}

// foldAudience is what audiences that a careless verifier takes for one another have
// in common: it drops blanks around, slashes at the end and the case.
func foldAudience(value string) string {
	value = strings.TrimRightFunc(value, func(r rune) bool { return r == '/' || unicode.IsSpace(r) })
	return strings.ToLower(strings.TrimSpace(value))
}

// audienceHashes are the hashes of a descriptor's audience, each once.
func (d *Descriptor) audienceHashes() []string {
	hashes := make([]string, len(d.Audience))
	for i, value := range d.Audience {
		hashes[i] = interop.Hash(foldAudience(value))
	}
	slices.Sort(hashes)
	return slices.Compact(hashes)
}

// claimAudiences marks the descriptors in use whose audience is not claimed yet: the
// one that is being published, and those that an earlier release published without a
// claim, unless another producer was found to have theirs.
func (c Catalogue) claimAudiences() Catalogue {
	if c.audiences.shared {
		return c
	}
	for _, d := range c.Descriptors {
		if d.AudienceClaimed || !slices.Contains(liveStates, d.State) {
			continue
		}
		if d.ID != c.published {
			hashes := d.audienceHashes()
			taken := slices.ContainsFunc(hashes, func(hash string) bool { return c.audiences.taken[hash] })
			cost := 1 + len(hashes)
			if taken || c.planned+cost > maxPlanned {
				continue
			}
			c.planned += cost
		}
		next := *d
		next.AudienceClaimed = true
		c = c.with(&next)
	}
	return c
}

// audienceClaims counts the descriptors that claim an audience, by its hash.
func (c Catalogue) audienceClaims() map[string]int64 {
	claims := map[string]int64{}
	for _, d := range c.Descriptors {
		if d.AudienceClaimed {
			for _, hash := range d.audienceHashes() {
				claims[hash]++
			}
		}
	}
	return claims
}

// labelAudience begins the labels of the steps that claim an audience, whose hash
// follows.
const labelAudience = "audience "

// audienceSteps takes and releases claims by the difference of two catalogues. A claim
// is an item with the producerId and the count of descriptors that claim the audience;
// a count of 0 leaves it free.
//
// An audience belongs to one producer while any published, suspended or deprecated
// descriptor of its e-services has it. Otherwise a producer could publish the audience
// of another one, and the platform would sign vouchers for its consumers that the other
// one's service accepts. The transaction that publishes takes the claim and the one that
// archives releases it, both under the e-service's version, so the count is exact:
// TestAudiencesAreClaimed, TestRaceForAnAudience. Drafts claim nothing, as a stranger's
// draft would keep the owner of an audience from publishing.
func audienceSteps(before, after Catalogue) (steps []table.Step) {
	had, wants := before.audienceClaims(), after.audienceClaims()
	all := maps.Clone(had)
	maps.Copy(all, wants)
	for _, hash := range slices.Sorted(maps.Keys(all)) {
		do := table.Changes{Add: map[string]int64{"count": wants[hash] - had[hash]}}
		switch {
		case wants[hash] == had[hash]:
		case had[hash] > 0: // it is the producer's
			steps = append(steps, table.Update(labelAudience+hash, audienceKey(hash), do))
		default:
			producer := after.EService.ProducerID
			do.Set = map[string]any{"producerId": producer}
			free := table.Any(table.NotExists(), table.Equals("producerId", producer), table.AtMost("count", 0))
			steps = append(steps, table.Update(labelAudience+hash, audienceKey(hash), do, free))
		}
	}
	return steps
}

// refusedAudience remembers the audiences that a refused write found taken. The error
// says so when the descriptor that is being published has one of them.
func (c Catalogue) refusedAudience(refused *table.Refused) error {
	for _, step := range refused.Steps {
		hash, is := strings.CutPrefix(step.Label, labelAudience)
		if !is {
			continue
		}
		c.audiences.taken[hash] = true
		if d := c.Find(c.published); d != nil && slices.Contains(d.audienceHashes(), hash) {
			return problem.New(interop.AudienceTaken,
				"The audience of descriptor %s belongs to another producer, until the last descriptor that it published with it is archived. Set another one with PATCH /eservices/%s/descriptors/%s.",
				d.ID, c.EService.ID, d.ID)
		}
	}
	return nil
}
