package kms

import (
	"context"
	"fmt"

	"ciclo/shared/platform/aws"
	awskms "ciclo/shared/platform/aws/kms"
	"ciclo/shared/platform/seal"
)

// derivedFor precedes the name of a derived key, so that a MAC that is made by the same key
// for another purpose is none.
const derivedFor = "derived key: "

// DeriveFromEnv returns a [seal.Derive] by the HMAC key named by DERIVE_KEY_ID, with
// endpoint, region and credentials as FromEnv has them. It needs the permission
// kms:GenerateMac with the key. A key is the MAC of its name, so nothing is stored, and the
// HMAC key never leaves KMS.
func DeriveFromEnv(getenv func(string) string) (seal.Derive, error) {
	common, err := aws.FromEnv(getenv, awskms.EnvEndpoint, seal.EnvDeriveKeyID)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	client, keyID := awskms.New(common), getenv(seal.EnvDeriveKeyID)
	return func(ctx context.Context, name string) ([]byte, error) {
		if err := seal.CheckAbout(name); err != nil {
			return nil, err
		}
		key, err := client.GenerateMac(ctx, keyID, []byte(derivedFor+name))
		if err == nil && len(key) != seal.KeyBytes {
			err = fmt.Errorf("a key of %d bytes", len(key))
		}
		if err != nil {
			return nil, fail("derive key", err)
		}
		return key, nil
	}, nil
}
