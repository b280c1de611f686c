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
	settingIssuer   = "SIGN_ISSUER" // of vouchers; the endpoints are below it
)

// audienceSettings is what the deployment says about audiences.
type audienceSettings struct {
	areShared bool   // several producers may publish one audience
	own       string // audience of the access tokens of this deployment, "" for none
	issuer    string // issuer of its vouchers, "" for none
}

// readAudienceSettings reads the settings.
func readAudienceSettings(deps api.Deps) (audienceSettings, error) {
	s := audienceSettings{
		own:    foldAudience(deps.Setting(settingAudience)),
		issuer: foldAudience(deps.Setting(settingIssuer)),
	}
	text := deps.Setting(SharedAudiencesSetting)
	if text == "" {
		return s, nil
	}
	var err error
	if s.areShared, err = strconv.ParseBool(text); err != nil {
		return s, errors.New(SharedAudiencesSetting + " must be true or false")
	}
	return s, nil
}

// isReserved tells whether an audience is the one of the deployment itself, or is below
// its issuer, as the token endpoint is.
func (s audienceSettings) isReserved(value string) bool {
	folded := foldAudience(value)
	return folded == s.own || s.issuer != "" && (folded == s.issuer || strings.HasPrefix(folded, s.issuer+"/"))
}

// foldAudience returns what audiences have in common that a careless verifier takes for
// the same: without surrounding blanks and trailing slashes, in lower case.
func foldAudience(value string) string {
	value = strings.TrimRightFunc(value, func(r rune) bool { return r == '/' || unicode.IsSpace(r) })
	return strings.ToLower(strings.TrimSpace(value))
}

// audienceHashes returns the hashes of the folded audience of a descriptor, each once.
func (d *Descriptor) audienceHashes() []string {
	hashes := make([]string, len(d.Audience))
	for i, value := range d.Audience {
		hashes[i] = interop.Hash(foldAudience(value))
	}
	slices.Sort(hashes)
	return slices.Compact(hashes)
}

// claimAudiences marks the descriptors in use whose audience is not claimed yet: the one
// that is published, and those that an earlier release published without a claim, except
// where the audience is known to belong to another producer.
func (o outcome) claimAudiences(before snapshot) outcome {
	if before.audiences.areShared {
		return o
	}
	for _, d := range o.Descriptors {
		if d.AudienceClaimed || !slices.Contains(liveStates, d.State) {
			continue
		}
		if d.ID != o.publishedID {
			hashes := d.audienceHashes()
			isTaken := slices.ContainsFunc(hashes, func(hash string) bool { return before.taken[hash] })
			cost := 1 + len(hashes)
			if isTaken || o.planned+cost > maxPlanned {
				continue
			}
			o.planned += cost
		}
		next := *d
		next.AudienceClaimed = true
		o.Catalogue = o.with(&next)
	}
	return o
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

// audienceSteps returns the steps that take and release claims on audiences. A claim is
// an item with the producer and the count of its descriptors that have the audience; the
// audience is free when the count is 0.
//
// An audience belongs to one producer while a published, suspended or deprecated
// descriptor of its e-services has it. Otherwise a producer could publish the audience of
// another one, and the platform would sign vouchers for its consumers that the services
// of the other one accept. The transaction that publishes takes the claim, and the one
// that archives releases it, both under the version of the e-service, so the count is
// exact (TestAudiencesAreClaimed, TestRaceForAnAudience). Drafts claim nothing, because a
// draft of a stranger could keep the owner of an audience from publishing.
func audienceSteps(before, after Catalogue) []table.Step {
	counted := before.audienceClaims()
	wanted := after.audienceClaims()
	all := maps.Clone(counted)
	maps.Copy(all, wanted)
	var steps []table.Step
	for _, hash := range slices.Sorted(maps.Keys(all)) {
		if wanted[hash] == counted[hash] {
			continue
		}
		do := table.Changes{Add: map[string]int64{"count": wanted[hash] - counted[hash]}}
		var conds []table.Cond
		if counted[hash] == 0 { // it may belong to another producer
			producer := after.EService.ProducerID
			do.Set = map[string]any{"producerId": producer}
			conds = []table.Cond{table.Any(table.NotExists(), table.Equals("producerId", producer), table.AtMost("count", 0))}
		}
		steps = append(steps, table.Update(labelAudience+hash, audienceKey(hash), do, conds...))
	}
	return steps
}

// audienceTaken returns the problem of a transaction that was refused because the
// audience of the descriptor that it publishes belongs to another producer; otherwise nil.
func (o outcome) audienceTaken(refused *table.Refused) error {
	d := o.Find(o.publishedID)
	if d == nil {
		return nil
	}
	for _, hash := range d.audienceHashes() {
		if _, taken := refused.By(labelAudience + hash); taken {
			return problem.New(interop.AudienceTaken,
				"The audience of descriptor %s belongs to another producer, until the last descriptor that it published with it is archived. "+
					"Set another one with PATCH /eservices/%s/descriptors/%s.",
				d.ID, o.EService.ID, d.ID)
		}
	}
	return nil
}
