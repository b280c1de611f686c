package interop

import (
	"strings"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/integrity"
	"ciclo/shared/platform/keyring"
)

// keys of signed answers      INTEGRITY    KEYS

// IntegrityKey returns the key of the item with the keys that sign answers.
var IntegrityKey = Key("INTEGRITY", "KEYS")

// signer returns what signs the answers of the product.
func signer(deps api.Deps) api.Integrity {
	return integrity.New(AnswerKeys(deps), strings.TrimSuffix(deps.Setting(integrity.EnvIssuer), "/"))
}

// AnswerKeys returns where the keys are that sign answers.
func AnswerKeys(deps api.Deps) keyring.Config {
	return integrity.Keys(deps.DB, IntegrityKey, deps.Sealer, deps.Now)
}
