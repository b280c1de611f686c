package voucher

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/jose"
	"ciclo/shared/platform/keyring"
	"ciclo/shared/platform/sign"
	"ciclo/shared/platform/table"
)

// AnswerKeys is the job that makes and replaces the keys that sign the answers and the vouchers
// of the product. It is the only function that may: the others read the keys.
var AnswerKeys = api.Job[Keepers, AnswerKeysInput, AnswerKeysReport]{
	ID: "voucher/answer-keys",
	Open: func(deps api.Deps) (*Keepers, error) {
		return &Keepers{
			answers:  keyring.NewKeeper(interop.AnswerKeys(deps)),
			vouchers: keyring.NewKeeper(interop.VoucherKeys(deps)),
			isKMS:    deps.Setting(interop.SettingVoucherKey) == interop.VoucherKeyKMS,
		}, nil
	},
	Run: func(k *Keepers, ctx context.Context, in AnswerKeysInput) (AnswerKeysReport, error) {
		return in.run(ctx, k)
	},
	Access: func() []api.Access { return interop.Access("PutItem") },
	Needs:  []api.Need{api.NeedSeal},
}

// Keepers make the keys of answers and of vouchers.
type Keepers struct {
	answers, vouchers *keyring.Keeper
	isKMS             bool // KMS signs vouchers
}

// What the job can be told to do, and for which keys.
const (
	actionReplace = "replace" // by a key that signs from a day later on
	actionDiscard = "discard" // replace at once

	keysOfAnswers  = "answers"
	keysOfVouchers = "vouchers"
)

// AnswerKeysInput says what to do. Without an action the job makes the first keys where there are
// none, and replaces the key of vouchers when it is old. An action is for the keys of answers
// unless Keys says vouchers.
type AnswerKeysInput struct {
	Action string `json:"action"`
	Keys   string `json:"keys"`
}

// AnswerKeysReport lists the keys that are published.
type AnswerKeysReport struct {
	Keys     []keyring.KeyReport `json:"keys"` // of answers
	Vouchers []keyring.KeyReport `json:"vouchers,omitempty"`
}

func (in AnswerKeysInput) run(ctx context.Context, k *Keepers) (out AnswerKeysReport, err error) {
	if !slices.Contains([]string{"", keysOfAnswers, keysOfVouchers}, in.Keys) {
		return out, fmt.Errorf("keys: got %q; it may be %s, %s or absent", in.Keys, keysOfAnswers, keysOfVouchers)
	}
	keeper, report := k.answers, &out.Keys
	if in.Keys == keysOfVouchers {
		keeper, report = k.vouchers, &out.Vouchers
	}
	switch in.Action {
	case "":
		return k.keep(ctx)
	case actionReplace:
		*report, err = keeper.Replace(ctx)
	case actionDiscard:
		*report, err = keeper.Discard(ctx)
	default:
		err = fmt.Errorf("action: got %q; it may be %s, %s or absent", in.Action, actionReplace, actionDiscard)
	}
	return out, err
}

// keep makes the keys that are missing. Where KMS signs vouchers, there is to be no other key.
func (k *Keepers) keep(ctx context.Context) (out AnswerKeysReport, err error) {
	if out.Keys, err = k.answers.Keep(ctx); err != nil {
		return out, err
	}
	if k.isKMS {
		out.Vouchers, err = k.vouchers.Retire(ctx)
	} else {
		out.Vouchers, err = k.vouchers.Keep(ctx)
	}
	return out, err
}

// publish returns the public keys of the deployment: those in memory that sign vouchers, that of
// KMS, which signs where there is none, and those of answers. When those of answers cannot be
// read, the others are returned alone, and may not be cached: vouchers must be verified also
// then. Where a key in memory signs vouchers and cannot be read there is no answer, so that
// services go on with the keys that they have.
func (s *Store) publish(ctx context.Context) (*JWKSOutput, error) {
	out := &JWKSOutput{CacheControl: cached}
	var ofVouchers, ofAnswers []jose.JWK
	var failures [2]error
	err := table.Together(ctx, func(ctx context.Context) error {
		ofVouchers, failures[0] = keyring.Published(ctx, s.db, interop.VoucherKey, s.now())
		return nil
	}, func(ctx context.Context) error {
		ofAnswers, failures[1] = keyring.Published(ctx, s.db, interop.IntegrityKey, s.now())
		return nil
	})
	if err == nil && !s.isKMS {
		err = failures[0]
	}
	if err != nil {
		return nil, err
	}
	failed := cmp.Or(failures[:]...)
	if failed != nil {
		out.CacheControl = uncached
		api.Annotate(ctx, slog.String("answerKeys", failed.Error()))
	}
	var ofKMS sign.KeySetView
	if err := json.Unmarshal(s.keys.JWKS(), &ofKMS); err != nil {
		return nil, err
	}
	out.Body.Keys = slices.Concat(views(ofVouchers), ofKMS.Keys, views(ofAnswers))
	return out, nil
}

func views(keys []jose.JWK) []sign.KeyView {
	all := make([]sign.KeyView, len(keys))
	for i, k := range keys {
		all[i] = sign.KeyView{Type: k.Type, Use: k.Use, Algorithm: k.Algorithm, KeyID: k.ID, Modulus: k.N, Exponent: k.E}
	}
	return all
}
