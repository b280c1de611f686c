package voucher

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/integrity"
	"ciclo/shared/platform/sign"
)

// AnswerKeys is the job that makes and replaces the key that signs the answers of the product.
// It is the only function that may: the others read the key.
var AnswerKeys = api.Job[integrity.Keeper, AnswerKeysInput, AnswerKeysReport]{
	ID: "voucher/answer-keys",
	Open: func(deps api.Deps) (*integrity.Keeper, error) {
		return integrity.NewKeeper(interop.IntegrityConfig(deps)), nil
	},
	Run: func(k *integrity.Keeper, ctx context.Context, in AnswerKeysInput) (AnswerKeysReport, error) {
		return in.run(ctx, k)
	},
	Access: func() []api.Access { return interop.Access("PutItem") },
	Needs:  []api.Need{api.NeedSeal},
}

// What the job can be told to do.
const (
	actionReplace = "replace" // by a key that signs from a day later on
	actionDiscard = "discard" // replace at once
)

// AnswerKeysInput says what to do. Without an action the job makes the first key if there is
// none.
type AnswerKeysInput struct {
	Action string `json:"action"`
}

// AnswerKeysReport lists the keys that are published.
type AnswerKeysReport struct {
	Keys []integrity.KeyReport `json:"keys"`
}

func (in AnswerKeysInput) run(ctx context.Context, k *integrity.Keeper) (out AnswerKeysReport, err error) {
	switch in.Action {
	case "":
		out.Keys, err = k.Keep(ctx)
	case actionReplace:
		out.Keys, err = k.Replace(ctx)
	case actionDiscard:
		out.Keys, err = k.Discard(ctx)
	default:
		err = fmt.Errorf("action: got %q; it may be %s, %s or absent", in.Action, actionReplace, actionDiscard)
	}
	return out, err
}

// publish returns the public keys of the deployment. When those of answers cannot be read, the
// others are returned alone, and may not be cached: vouchers must be verified also then.
func (s *Store) publish(ctx context.Context) (*JWKSOutput, error) {
	out := &JWKSOutput{CacheControl: cached}
	if err := json.Unmarshal(s.keys.JWKS(), &out.Body); err != nil {
		return nil, err
	}
	ofAnswers, err := integrity.Published(ctx, s.db, interop.IntegrityKey, s.now())
	if err != nil {
		out.CacheControl = uncached
		api.Annotate(ctx, slog.String("answerKeys", err.Error()))
	}
	for _, k := range ofAnswers {
		out.Body.Keys = append(out.Body.Keys, sign.KeyView{
			Type: k.Type, Use: k.Use, Algorithm: k.Algorithm, KeyID: k.ID, Modulus: k.N, Exponent: k.E,
		})
	}
	return out, nil
}
