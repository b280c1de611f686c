// Package kms wraps data keys by a key of AWS KMS.
package kms

import (
	"context"
	"errors"
	"fmt"

	"ciclo/shared/platform/aws"
	awskms "ciclo/shared/platform/aws/kms"
	"ciclo/shared/platform/seal"
)

// contextName is the name under which about is bound to a data key, whatever that protects:
// subscriptions were the first. With another name the keys that are stored would not open.
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
	client *awskms.Client
}

// FromEnv returns a Sealer for the key named by SEAL_KEY_ID, at the endpoint
// AWS_ENDPOINT_URL_KMS if that is set, with region and credentials as
// [aws.FromEnv] reads them. The error names what is missing or not
// acceptable.
func FromEnv(getenv func(string) string) (seal.Sealer, error) {
	common, err := aws.FromEnv(getenv, awskms.EnvEndpoint, seal.EnvKeyID)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	return New(Config{Config: common, KeyID: getenv(seal.EnvKeyID)}), nil
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
	key, wrapped, err := s.client.GenerateDataKey(ctx, s.config.KeyID, map[string]string{contextName: about})
	if err != nil {
		return nil, fail("new key", err)
	}
	return seal.NewDataKey(about, key, wrapped)
}

// OpenKey implements [seal.Sealer].
func (s *Sealer) OpenKey(ctx context.Context, about string, wrapped []byte) (*seal.DataKey, error) {
	if err := seal.CheckAbout(about); err != nil {
		return nil, err
	}
	if len(wrapped) == 0 { // KMS refuses that as a malformed request
		return nil, fmt.Errorf("seal open key: %w", seal.ErrDamaged)
	}
	key, err := s.client.Decrypt(ctx, s.config.KeyID, wrapped, map[string]string{contextName: about})
	if err != nil {
		return nil, fail("open key", err)
	}
	return seal.NewDataKey(about, key, wrapped)
}

func fail(op string, err error) error {
	refused, answered := errors.AsType[*aws.AnswerError](err)
	switch {
	case answered && (refused.Code == "InvalidCiphertextException" || refused.Code == "IncorrectKeyException"):
		return fmt.Errorf("seal %s: %w: %w", op, seal.ErrDamaged, err)
	case aws.Transient(err):
		return fmt.Errorf("seal %s: %w: %w", op, seal.ErrUnavailable, err)
	}
	return fmt.Errorf("seal %s: %w", op, err)
}
