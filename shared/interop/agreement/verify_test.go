package agreement_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"ciclo/shared/interop"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/testing/apitest"
)

// verification is a pending agreement on a descriptor that requires a verified attribute.
type verification struct {
	offer
	required, through string
}

func (w *world) newVerification() verification {
	w.Helper()
	v := verification{required: w.attribute(attribute.Verified)}
	v.offer = w.newOffer("AUTOMATIC", one(attribute.Verified, v.required))
	v.through = w.createDraft(v.offer)
	w.mustAct(consumer, v.through, "submit")
	return v
}

// verify verifies an attribute until a time, "" without an end.
func (w *world) verify(caller *api.Identity, tenantID, id, through, until string) apitest.Response {
	w.Helper()
	seed := object{"id": id, "agreementId": through}
	if until != "" {
		seed["expirationDate"] = until
	}
	return w.As(caller, "POST", "/tenants/"+tenantID+"/verifiedAttributes", interoptest.JSON(seed))
}

// revokeVerified revokes a verification.
func (w *world) revokeVerified(caller *api.Identity, tenantID, id, through string) apitest.Response {
	w.Helper()
	return w.As(caller, "DELETE", "/tenants/"+tenantID+"/verifiedAttributes/"+id+"?agreementId="+through, "")
}

// verifiers returns the verifiers of an attribute of the consumer, as "<id> until <instant>".
func (w *world) verifiers(id string) string {
	w.Helper()
	var all []string
	for _, v := range interoptest.Results(w.OK(consumer, "GET", "/tenants/"+consumer.Subject+"/verifiedAttributes/"+id+"/verifiers", "")) {
		verifier, _ := v["id"].(string)
		if until, ok := v["expiresAt"].(string); ok {
			verifier += " until " + until
		}
		all = append(all, verifier)
	}
	return strings.Join(all, ", ")
}

// TestVerifyAndRevoke verifies an attribute twice, revokes it and verifies it again.
func TestVerifyAndRevoke(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		v := w.newVerification()
		check := func(res apitest.Response, assignedAt string) {
			w.Helper()
			w.Want(res, 200)
			interoptest.Equal(t, "the attribute", res.Text("id"), v.required)
			interoptest.Equal(t, "assigned at", res.Text("assignedAt"), assignedAt)
			interoptest.Equal(t, "members", len(res.Body), 2)
		}
		first := w.stamp()
		check(w.verify(producer, consumer.Subject, v.required, v.through, "2026-11-21T12:00:00Z"), first)
		interoptest.Equal(t, "verified", w.verifiers(v.required), producer.Subject+" until 2026-11-21T12:00:00.000Z")
		w.Clock.Advance(time.Minute)
		second := w.stamp()
		check(w.verify(producer, consumer.Subject, v.required, v.through, ""), second)
		interoptest.Equal(t, "verified for ever", w.verifiers(v.required), producer.Subject)
		w.Clock.Advance(time.Minute)
		check(w.revokeVerified(producer, consumer.Subject, v.required, v.through), second)
		interoptest.Equal(t, "revoked", w.verifiers(v.required), "")
		w.Refused(w.revokeVerified(producer, consumer.Subject, v.required, v.through), interop.AttributeAlreadyRevoked)
		check(w.verify(producer, consumer.Subject, v.required, v.through, ""), w.stamp())
		interoptest.Equal(t, "verified again", w.verifiers(v.required), producer.Subject)
	})
}

// TestVerifiers checks that only the producer of an agreement that requires the attribute
// can verify it.
func TestVerifiers(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		v, other := w.newVerification(), w.newVerification()
		before := w.storedAbout(v.through)
		none := interop.VerifiedThroughNone
		notVerified, notRevoked := interop.VerificationNotAllowed, interop.RevocationNotAllowed
		for name, c := range map[string]struct {
			caller                *api.Identity
			tenantID, id, through string
			verifying, revoking   problem.Code
		}{
			"the consumer":      {consumer, consumer.Subject, v.required, v.through, interop.SelfVerification, interop.SelfRevocation},
			"itself":            {producer, producer.Subject, v.required, v.through, interop.SelfVerification, interop.SelfRevocation},
			"a stranger":        {stranger, consumer.Subject, v.required, v.through, notVerified, notRevoked},
			"another consumer":  {producer, stranger.Subject, v.required, v.through, notVerified, notRevoked},
			"no agreement":      {producer, consumer.Subject, v.required, uuid.NewString(), none, none},
			"no agreement, own": {consumer, consumer.Subject, v.required, uuid.NewString(), none, none},
			"another agreement": {producer, consumer.Subject, v.required, other.through, notVerified, notRevoked},
			"no attribute":      {producer, consumer.Subject, uuid.NewString(), v.through, notVerified, notRevoked},
			"not required":      {producer, consumer.Subject, other.required, v.through, notVerified, notRevoked},
			"declared":          {producer, consumer.Subject, w.attribute(attribute.Declared), v.through, notVerified, notRevoked},
			"certified":         {producer, consumer.Subject, w.attribute(attribute.Certified), v.through, notVerified, notRevoked},
		} {
			t.Log(name)
			w.Refused(w.verify(c.caller, c.tenantID, c.id, c.through, ""), c.verifying)
			w.Refused(w.revokeVerified(c.caller, c.tenantID, c.id, c.through), c.revoking)
		}
		w.Refused(w.revokeVerified(producer, consumer.Subject, v.required, v.through), interop.TenantAttributeNotValid)
		interoptest.Equal(t, "what is verified", len(interoptest.Results(w.OK(consumer, "GET", "/tenants/"+
			consumer.Subject+"/verifiedAttributes", ""))), 0)
		w.wantUntouched("a refused verification", before, v.through)
	})
}

// TestVerifyThroughOwn checks that an organization cannot verify its own attribute, not even
// through its agreement with itself.
func TestVerifyThroughOwn(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		id := w.attribute(attribute.Verified)
		own := w.createDraftAs(producer, w.newOffer("MANUAL", one(attribute.Verified, id)))
		w.mustAct(producer, own, "submit")
		w.Refused(w.verify(producer, producer.Subject, id, own, ""), interop.SelfVerification)
		w.Refused(w.revokeVerified(producer, producer.Subject, id, own), interop.SelfRevocation)
	})
}

// TestVerifyByState checks in which states of an agreement its producer can verify and
// revoke.
func TestVerifyByState(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		for state, allowed := range map[string]bool{
			"DRAFT": false, "PENDING": true, "ACTIVE": true, "SUSPENDED": true,
			"MISSING_CERTIFIED_ATTRIBUTES": false, "REJECTED": false, "ARCHIVED": false,
		} {
			certified, verified := w.attribute(attribute.Certified), w.attribute(attribute.Verified)
			w.assign(attribute.Certified, certified, "")
			w.verifyFor(verified)
			id := w.createDraft(w.newOffer("MANUAL", one(attribute.Certified, certified), one(attribute.Verified, verified)))
			actions := map[string]string{
				"PENDING": "submit", "ACTIVE": "submit approve", "SUSPENDED": "submit approve suspend",
				"REJECTED": "submit reject", "ARCHIVED": "submit approve",
			}
			for action := range strings.FieldsSeq(actions[state]) {
				w.mustAct(map[bool]*api.Identity{true: consumer, false: producer}[action == "submit"], id, action)
			}
			switch state {
			case "ARCHIVED":
				w.mustAct(consumer, id, "archive")
			case "MISSING_CERTIFIED_ATTRIBUTES":
				w.revoke(attribute.Certified, certified, "")
				w.follow()
			}
			interoptest.Equal(t, "the state", strings.Fields(w.state(id))[0], state)
			verifying, revoked := w.verify(producer, consumer.Subject, verified, id, ""), w.revokeVerified(producer, consumer.Subject, verified, id)
			if allowed {
				interoptest.Equal(t, state, verifying.Status, 200)
				interoptest.Equal(t, state, revoked.Status, 200)
			} else {
				w.Refused(verifying, interop.VerificationNotAllowed)
				w.Refused(revoked, interop.RevocationNotAllowed)
			}
		}
	})
}

// TestExpirationDates checks that a verification can end at any later instant, with any
// offset.
func TestExpirationDates(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		v := w.newVerification()
		for date, until := range map[string]string{ // it is 10:00 in Greenwich
			"2026-11-21T10:00:00.001Z":       "2026-11-21T10:00:00.001Z",
			"2026-11-21T11:30:00+01:00":      "2026-11-21T10:30:00.000Z",
			"2026-11-21T08:30:00-05:00":      "2026-11-21T13:30:00.000Z",
			"2030-02-28T23:59:59.9994+00:00": "2030-02-28T23:59:59.999Z",
		} {
			w.Want(w.verify(producer, consumer.Subject, v.required, v.through, date), 200)
			interoptest.Equal(t, date, w.verifiers(v.required), producer.Subject+" until "+until)
		}
		before := w.verifiers(v.required)
		for _, date := range []string{
			"2026-11-21T10:00:00Z", "2026-11-21T09:59:59.999Z", "2026-11-21T10:59:59+01:00",
			"2026-11-21T04:59:00-05:00", "2026-11-21T10:00:00.0009Z", "1970-01-01T00:00:00Z",
		} {
			w.Refused(w.verify(producer, consumer.Subject, v.required, v.through, date), interop.ExpirationInThePast)
		}
		for _, date := range []string{
			"tomorrow", "2026-12-01", "2026-12-01T10:00:00", "1767225600", "2026-13-01T10:00:00Z",
			"2026-02-30T10:00:00Z",
		} {
			w.Refused(w.verify(producer, consumer.Subject, v.required, v.through, date), interop.BadRequest)
		}
		interoptest.Equal(t, "the verification before the refusals", w.verifiers(v.required), before)
	})
}

// TestOthersVerify checks that a verification counts only for the producer that made it, and
// that only this producer can revoke it.
func TestOthersVerify(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		v := w.newVerification()
		theirs := w.newOfferAs(stranger, "Di altri", "AUTOMATIC", one(attribute.Verified, v.required))
		through := w.createDraft(theirs)
		interoptest.Equal(t, "of the other", w.submit(through), "PENDING")
		w.Want(w.verify(stranger, consumer.Subject, v.required, through, ""), 200)
		w.wantActionRefused(v.through, "approve", interop.AgreementActivationFailed)
		w.Refused(w.revokeVerified(producer, consumer.Subject, v.required, v.through), interop.RevocationNotAllowed)
		interoptest.Equal(t, "of the other", shown(w.mustAct(stranger, through, "approve")), "ACTIVE")
		w.Clock.Advance(time.Minute)
		w.Want(w.verify(producer, consumer.Subject, v.required, v.through, ""), 200)
		interoptest.Equal(t, "its own", shown(w.mustAct(producer, v.through, "approve")), "ACTIVE")
		interoptest.Equal(t, "both", w.verifiers(v.required), stranger.Subject+", "+producer.Subject)
		w.Want(w.revokeVerified(stranger, consumer.Subject, v.required, through), 200)
		w.follow()
		interoptest.Equal(t, "of the other, revoked", w.state(through), "SUSPENDED Platform")
		interoptest.Equal(t, "its own", w.state(v.through), "ACTIVE")
		w.checkConsistent()
	})
}

// TestVerificationExpires checks that the platform suspends an agreement after a required
// verification has expired.
func TestVerificationExpires(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		v := w.newVerification()
		until := w.Clock.Now().Add(time.Hour).Format(time.RFC3339)
		w.Want(w.verify(producer, consumer.Subject, v.required, v.through, until), 200)
		w.mustAct(producer, v.through, "approve")
		expires := func(expired int) {
			w.Helper()
			run, err := tenant.Expire.Start(w.Deps())
			if err != nil {
				t.Fatal(err)
			}
			report, err := run(t.Context(), []byte("{}"))
			interoptest.Equal(t, "the job", report, any(tenant.Report{Expired: expired, Done: true}))
			if err != nil {
				t.Error(err)
			}
			w.follow()
		}
		w.Clock.Advance(time.Hour - time.Millisecond)
		expires(0)
		interoptest.Equal(t, "just before", w.state(v.through), "ACTIVE")
		draft := w.createDraft(w.newOffer("AUTOMATIC", one(attribute.Verified, v.required)))
		w.Clock.Advance(time.Millisecond)
		interoptest.Equal(t, "submitted at that instant", w.submit(draft), "PENDING") // an expired verification does not count
		w.wantActionRefused(draft, "approve", interop.AgreementActivationFailed)
		interoptest.Equal(t, "before the expiry job", w.state(v.through), "ACTIVE")
		expires(1)
		interoptest.Equal(t, "expired", w.state(v.through), "SUSPENDED Platform")
		interoptest.Equal(t, "the pending agreement", w.state(draft), "PENDING")
		interoptest.Equal(t, "history", strings.HasSuffix(w.history(v.through), ", recompute ACTIVE-SUSPENDED"), true)
		w.Want(w.verify(producer, consumer.Subject, v.required, v.through, w.Clock.Now().Add(time.Hour).Format(time.RFC3339)), 200)
		w.follow()
		interoptest.Equal(t, "verified again", w.state(v.through), "ACTIVE")
		w.Want(w.verify(producer, consumer.Subject, v.required, v.through, ""), 200)
		w.Clock.Advance(24 * time.Hour)
		expires(0)
		interoptest.Equal(t, "for ever", w.state(v.through), "ACTIVE")
		w.checkConsistent()
	})
}
