package agreement

import (
	"context"
	"slices"

	"ciclo/shared/interop"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/change"
	"ciclo/shared/platform/table"
)

// snapshot is everything that an action is decided on.
type snapshot struct {
	agreement *agreement // nil for an action that makes the first agreement
	inUse     *agreement // of the same consumer and e-service, where it is known to be another one
	catalogue eservice.Catalogue
	owned     tenant.Owned // by the consumer
	existing  []*agreement // of the consumer and the e-service, not over; the one in use comes first
	caller    string
	at        string
	newID     string // for an agreement that the action makes
}

// needs names the facts that an action is decided on, in addition to its agreement.
type needs struct {
	name     bool // the e-service without its descriptors
	facts    bool // the e-service with its descriptors, and what the consumer owns
	existing bool // which agreements for the e-service the consumer has
	newID    bool
}

// reader reads the snapshots of one change. Keys that it has learnt from one round are
// known in the next one, which then reads everything at the same time.
type reader struct {
	store *Store
	needs needs

	agreementID string // "" for an action that makes the first agreement
	eserviceID  string // "" until the agreement is read
	consumerID  string // the same
	since       int64  // number of the oldest descriptor that can matter
	inUseID     string // the agreement in use that refused a round, "" for none
}

// read returns the snapshot of a round. It waits for the table once or twice: for the
// agreement, unless its e-service is known or the round before was refused by it, then for
// all facts at the same time.
func (r *reader) read(ctx context.Context, round change.Round) (snapshot, error) {
	s := snapshot{caller: interop.Caller(ctx)}
	var reads []func(context.Context) error
	if err := r.learn(round); err != nil {
		return s, err
	}
	item, refused := round.Item(labelAgreement + r.agreementID)
	switch {
	case refused:
		var err error
		if s.agreement, err = decode(r.agreementID, item); err != nil {
			return s, err
		}
	case r.agreementID != "" && r.eserviceID != "":
		reads = append(reads, func(ctx context.Context) (err error) {
			s.agreement, err = r.store.get(ctx, r.agreementID)
			return err
		})
	case r.agreementID != "":
		var err error
		if s.agreement, err = r.store.get(ctx, r.agreementID); err != nil {
			return s, err
		}
		r.eserviceID = s.agreement.EServiceID
		r.consumerID = s.agreement.ConsumerID
		r.since = s.agreement.DescriptorNumber
	}
	if err := table.Together(ctx, append(reads, r.facts(&s)...)...); err != nil {
		return s, err
	}
	if r.needs.newID {
		var err error
		if s.newID, err = interop.NewID(r.store.entropy); err != nil {
			return s, err
		}
	}
	// The time is taken last: an attribute that expires while the facts are read must not
	// count as owned.
	s.at = table.Stamp(r.store.now())
	return s, nil
}

// learn takes from a refusal what else must be read. Where another agreement is in use the
// next decision replaces it. Where the consumer has other agreements the next decision says
// what to do with them.
func (r *reader) learn(round change.Round) error {
	_, requested := round.Item(labelRequested)
	_, inUse := round.Item(labelNoneInUse)
	r.needs.existing = r.needs.existing || requested || inUse
	item, _ := round.Item(labelSubscribed)
	holder, err := table.As[Subscription](item)
	if err == nil && holder != nil && holder.AgreementID != r.agreementID {
		r.inUseID = holder.AgreementID
	}
	return err
}

// facts returns the reads of the facts that the change needs.
func (r *reader) facts(s *snapshot) (reads []func(context.Context) error) {
	db := r.store.db
	if r.needs.name {
		reads = append(reads, func(ctx context.Context) error {
			item, err := db.Get(ctx, eservice.Key(r.eserviceID))
			if err == nil {
				s.catalogue.EService, err = table.As[eservice.EService](item)
			}
			return err
		})
	}
	if r.needs.facts {
		reads = append(reads, func(ctx context.Context) (err error) {
			s.catalogue, err = eservice.LoadSince(ctx, db, r.eserviceID, r.since)
			return err
		}, func(ctx context.Context) (err error) {
			s.owned, err = tenant.Load(ctx, db, r.consumerID)
			return err
		})
	}
	if r.needs.existing {
		reads = append(reads, func(ctx context.Context) (err error) {
			s.existing, err = r.store.existing(ctx, r.consumerID, r.eserviceID)
			return err
		})
	}
	if r.inUseID != "" {
		reads = append(reads, func(ctx context.Context) error {
			item, err := db.Get(ctx, agreementKey(r.inUseID))
			if err == nil {
				s.inUse, err = table.As[agreement](item)
			}
			return err
		})
	}
	return reads
}

// existing returns the agreements of a consumer and an e-service that are not over: first
// the one in use, then the one on its way there.
func (s *Store) existing(ctx context.Context, consumerID, eserviceID string) ([]*agreement, error) {
	claims, err := table.GetAll[Subscription](ctx, s.db, claimKeys(consumerID, eserviceID))
	if err != nil || len(claims) == 0 {
		return nil, err
	}
	keys := make([]table.Key, len(claims))
	for i, claim := range claims {
		keys[i] = agreementKey(claim.AgreementID)
	}
	all, err := table.GetAll[agreement](ctx, s.db, keys)
	// One may have ended since its claim was read.
	return slices.DeleteFunc(all, func(a *agreement) bool { return !a.isInUse() && !a.isRequested() }), err
}
