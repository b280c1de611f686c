package voucher

import (
	"context"
	"log/slog"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/rate"
	"ciclo/shared/platform/table"
)

// count of vouchers    RATE#token#<organization>    RATE    an hour after its window

const (
	rateGroup  = "token"
	ratePrefix = "TOKEN_" // of the settings
)

func newLimiter(deps api.Deps) (*rate.Limiter, error) {
	rule, err := rate.RuleFrom(deps.Setting, ratePrefix)
	return rate.New(deps, interop.Table.Name, rateGroup, rule), err
}

// mintWithin counts a voucher of the client's organization, and makes it when it is within
// the limit.
//
// When the count has to be asked for, the voucher is made at the same time: its signature is
// a call of KMS. Otherwise a request over the limit costs no signature. A request that is
// refused before is not counted (PDND, token endpoint).
func (s *Store) mintWithin(ctx context.Context, x *examination) (v *voucher, allowance api.Allowance, err error) {
	organization := x.client.ConsumerID
	if !s.limiter.IsReady(organization) {
		err = table.Together(ctx,
			func(ctx context.Context) (err error) {
				v, err = s.mint(ctx, x)
				return err
			},
			func(ctx context.Context) error {
				s.limiter.Ready(ctx, organization)
				return nil
			})
		if err != nil {
			return nil, allowance, err
		}
	}
	allowance, passes := s.limiter.Take(ctx, organization)
	if !passes {
		api.NoteAllowance(ctx, allowance)
		api.Annotate(ctx, slog.Any("reasons", []string{"tooManyRequests"}))
		return nil, allowance, tooMany(organization)
	}
	if v == nil {
		v, err = s.mint(ctx, x)
	}
	return v, allowance, err
}

// tooMany refuses a request over the limit, without a time to wait (PDND).
func tooMany(organization string) error {
	p := problem.New(interop.TokensTooMany, "Requests limit exceeded for organization %s", organization)
	p.OAuth = problem.OAuthTemporarilyUnavailable
	return p
}
