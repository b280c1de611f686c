package interop

import (
	"strings"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/integrity"
)

// keys of signed answers      INTEGRITY    KEYS

// IntegrityKey returns the key of the item with the keys that sign answers.
var IntegrityKey = Key("INTEGRITY", "KEYS")

// signer returns what signs the answers of the product.
func signer(deps api.Deps) api.Integrity { return integrity.New(IntegrityConfig(deps)) }

// IntegrityConfig returns where the keys are that sign answers, and what they sign.
func IntegrityConfig(deps api.Deps) integrity.Config {
	return integrity.Config{
		DB: deps.DB, Key: IntegrityKey, Sealer: deps.Sealer, Now: deps.Now,
		Issuer: strings.TrimSuffix(deps.Setting(integrity.EnvIssuer), "/"),
	}
}
