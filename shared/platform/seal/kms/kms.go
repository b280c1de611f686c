// Package kms wraps data keys by a key of AWS KMS.
package kms

import (
	"context"
	"errors"
	"fmt"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"ciclo/shared/platform/aws"
	awskms "ciclo/shared/platform/aws/kms"
	"ciclo/shared/platform/seal"
)

// envKey is the environment variable that FromEnv reads, beside those of
// [aws.FromEnv].
const envKey = "SEAL_KEY_ID"

// contextName is the name under which about is bound to a data key.
const contextName = "subscription"

// Config selects the key that wraps. Everything is required except what
// [aws.Config] makes optional.
type Config struct {
	aws.Config

	KeyID string // id or ARN
}

// Sealer is a [seal.Sealer]. It needs the permissions kms:GenerateDataKey and
// kms:Decrypt with the key.
type Sealer struct {
	config Config
	client *kms.Client
}

// FromEnv returns a Sealer for the key named by SEAL_KEY_ID, at the endpoint
// AWS_ENDPOINT_URL_KMS if that is set, with region and credentials as
// [aws.FromEnv] reads them. The error names what is missing or not
// acceptable.
func FromEnv(getenv func(string) string) (seal.Sealer, error) {
	common, err := aws.FromEnv(getenv, awskms.EnvEndpoint, envKey)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return New(Config{Config: common, KeyID: getenv(envKey)}), nil
}

// New returns a Sealer for c.
func New(c Config) *Sealer {
	return &Sealer{config: c, client: awskms.New(c.Config)}
}

// NewKey implements [seal.Sealer].
func (s *Sealer) NewKey(ctx context.Context, about string) (*seal.DataKey, error) {
	if err := seal.CheckAbout(about); err != nil {
		return nil, err
	}
	var out *kms.GenerateDataKeyOutput
	err := s.config.Repeat(ctx, func(ctx context.Context) (err error) {
		out, err = s.client.GenerateDataKey(ctx, &kms.GenerateDataKeyInput{
			KeyId:             sdk.String(s.config.KeyID),
			KeySpec:           types.DataKeySpecAes256,
			EncryptionContext: map[string]string{contextName: about},
		})
		return err
	})
	if err != nil {
		return nil, fail("new key", err)
	}
	return seal.NewDataKey(about, out.Plaintext, out.CiphertextBlob)
}

// OpenKey implements [seal.Sealer].
func (s *Sealer) OpenKey(ctx context.Context, about string, wrapped []byte) (*seal.DataKey, error) {
	if err := seal.CheckAbout(about); err != nil {
		return nil, err
	}
	if len(wrapped) == 0 { // KMS refuses that as a malformed request
		return nil, fmt.Errorf("seal open key: %w", seal.ErrDamaged)
	}
	var out *kms.DecryptOutput
	err := s.config.Repeat(ctx, func(ctx context.Context) (err error) {
		out, err = s.client.Decrypt(ctx, &kms.DecryptInput{
			KeyId:             sdk.String(s.config.KeyID),
			CiphertextBlob:    wrapped,
			EncryptionContext: map[string]string{contextName: about},
		})
		return err
	})
	if err != nil {
		return nil, fail("open key", err)
	}
	return seal.NewDataKey(about, out.Plaintext, wrapped)
}

func fail(op string, err error) error {
	var (
		changed *types.InvalidCiphertextException
		foreign *types.IncorrectKeyException
	)
	switch {
	case errors.As(err, &changed), errors.As(err, &foreign):
		return fmt.Errorf("seal %s: %w: %w", op, seal.ErrDamaged, err)
	case aws.Transient(err):
		return fmt.Errorf("seal %s: %w: %w", op, seal.ErrUnavailable, err)
	}
	return fmt.Errorf("seal %s: %w", op, err)
}
