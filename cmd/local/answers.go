package main

import (
	"context"
	"errors"

	"ciclo/shared/interop"
	"ciclo/shared/interop/voucher"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/keyring"
	"ciclo/shared/platform/seal"
)

// integrityOf returns what signs the answers of the interop product. It makes the key, as the
// job does in AWS when a deployment is new. Where the tables have a key that does not open, it
// makes another one: their data may be older than the key in DATA_DIR, or than the process.
func integrityOf(deps api.Deps) (api.Integrity, error) {
	ctx := context.Background()
	run, err := voucher.AnswerKeys.Start(deps)
	if err != nil {
		return nil, err
	}
	for _, payload := range []string{"{}", `{"action":"discard"}`} {
		signer := interop.Product.Integrity(deps)
		if _, err = run(ctx, []byte(payload)); err == nil {
			err = signer.Load(ctx)
		}
		if err == nil {
			return signer, nil
		}
		if !errors.Is(err, seal.ErrDamaged) && !errors.Is(err, keyring.ErrDamaged) {
			break
		}
	}
	return nil, err
}
