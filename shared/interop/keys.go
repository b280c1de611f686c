package interop

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/jose"
	"ciclo/shared/platform/keyring"
)

// keys of vouchers            VOUCHERS     KEYS

// VoucherKey returns the key of the item with the keys that sign vouchers.
var VoucherKey = Key("VOUCHERS", "KEYS")

const (
	// SettingVoucherKey says what signs vouchers: VoucherKeyKMS, by a call for each, or else a
	// sealed key in memory (docs/decisions/0028-vouchers-without-kms-on-the-path.md).
	SettingVoucherKey = "VOUCHER_KEY"
	// VoucherKeyKMS is the value of SettingVoucherKey for signatures by KMS.
	VoucherKeyKMS = "kms"

	// A key is published for a day before it signs, because services keep the JWKS, and as long as
	// the longest voucher lives after it, which is a day, and an hour for clocks and caches.
	voucherKeyNotice  = 24 * time.Hour
	voucherKeyOverlap = 25 * time.Hour
	// voucherKeyAge is how long a key signs before the job replaces it.
	voucherKeyAge = 90 * 24 * time.Hour
)

// VoucherKeys returns where the keys are that sign vouchers. The first one is patient: until its
// notice is over, KMS signs.
func VoucherKeys(deps api.Deps) keyring.Config {
	return keyring.Config{
		DB: deps.DB, Key: VoucherKey, About: "vouchers", Sealer: deps.Sealer, Now: deps.Now,
		Notice: voucherKeyNotice, Overlap: voucherKeyOverlap, MaxAge: voucherKeyAge, Patient: true,
	}
}

// VoucherJWKS returns a function that reads the published keys of VoucherKeys as a JWKS.
func VoucherJWKS(deps api.Deps) func(context.Context) ([]byte, error) {
	return func(ctx context.Context) ([]byte, error) {
		keys, err := keyring.Published(ctx, deps.DB, VoucherKey, deps.Now())
		if err != nil {
			return nil, err
		}
		jwks, err := json.Marshal(jose.Set{Keys: keys})
		if err != nil {
			return nil, fmt.Errorf("jwks: %w", err)
		}
		return jwks, nil
	}
}
