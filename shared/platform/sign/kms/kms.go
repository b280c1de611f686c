// Package kms signs tokens by an asymmetric key of AWS KMS.
package kms

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"errors"
	"fmt"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/kms/types"

	"ciclo/shared/platform/aws"
	awskms "ciclo/shared/platform/aws/kms"
	"ciclo/shared/platform/sign"
)

// askTime limits how long a function asks for a public key when it starts. Lambda
// gives that ten seconds.
const askTime = 5 * time.Second

// Config selects the key that signs. Everything is required except what
// [aws.Config] makes optional.
type Config struct {
	aws.Config

	KeyID string // ARN, id or alias of an RSA key for signatures
}

// Key is a [sign.Key]. SignDigest needs the permission kms:Sign, Public needs
// kms:GetPublicKey.
type Key struct {
	config Config
	client *kms.Client
}

// FromEnv returns a Signer with the key named by SIGN_KEY_ID and the public keys of
// [Keys], at the endpoint AWS_ENDPOINT_URL_KMS if that is set, with region and
// credentials as [aws.FromEnv] reads them. The error names what is missing or not
// acceptable.
func FromEnv(getenv func(string) string) (*sign.Signer, error) {
	key, err := keyFromEnv(getenv)
	if err != nil {
		return nil, err
	}
	keys, err := Keys(getenv)
	if err != nil {
		return nil, err
	}
	return sign.New(key, keys), nil
}

// Keys returns the public keys in SIGN_JWKS. Where that is empty it asks KMS for the
// public half of the key named by SIGN_KEY_ID, for five seconds at most.
func Keys(getenv func(string) string) (*sign.Keys, error) {
	if getenv(sign.EnvJWKS) != "" {
		return sign.KeysFromEnv(getenv)
	}
	key, err := keyFromEnv(getenv)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), askTime)
	defer cancel()
	keys, err := key.keys(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s is empty, so the key in %s is asked for its public half: %w", sign.EnvJWKS, sign.EnvKeyID, err)
	}
	return keys, nil
}

// JWKS returns a function that asks KMS for the public half of the key named by
// SIGN_KEY_ID and returns it as a JWKS. JWKS itself asks nothing.
func JWKS(getenv func(string) string) (func(context.Context) ([]byte, error), error) {
	key, err := keyFromEnv(getenv)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context) ([]byte, error) {
		keys, err := key.keys(ctx)
		if err != nil {
			return nil, err
		}
		return keys.JWKS(), nil
	}, nil
}

func keyFromEnv(getenv func(string) string) (*Key, error) {
	common, err := aws.FromEnv(getenv, awskms.EnvEndpoint, sign.EnvKeyID)
	if err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return New(Config{Config: common, KeyID: getenv(sign.EnvKeyID)}), nil
}

// keys are the public half of k alone.
func (k *Key) keys(ctx context.Context) (*sign.Keys, error) {
	public, err := k.Public(ctx)
	if err != nil {
		return nil, err
	}
	return sign.NewKeys(public)
}

// New returns a Key for c.
func New(c Config) *Key { return &Key{config: c, client: awskms.New(c.Config)} }

// SignDigest implements [sign.Key].
func (k *Key) SignDigest(ctx context.Context, digest []byte) ([]byte, error) {
	var out *kms.SignOutput
	err := k.config.Repeat(ctx, func(ctx context.Context) (err error) {
		out, err = k.client.Sign(ctx, &kms.SignInput{
			KeyId:            sdk.String(k.config.KeyID),
			Message:          digest,
			MessageType:      types.MessageTypeDigest,
			SigningAlgorithm: types.SigningAlgorithmSpecRsassaPkcs1V15Sha256,
		})
		return err
	})
	if err != nil {
		return nil, fail("sign", err)
	}
	return out.Signature, nil
}

// Public returns the public half of the key. The error wraps
// [sign.ErrUnavailable] when the same call may succeed later.
func (k *Key) Public(ctx context.Context) (*rsa.PublicKey, error) {
	var out *kms.GetPublicKeyOutput
	err := k.config.Repeat(ctx, func(ctx context.Context) (err error) {
		out, err = k.client.GetPublicKey(ctx, &kms.GetPublicKeyInput{KeyId: sdk.String(k.config.KeyID)})
		return err
	})
	if err != nil {
		return nil, fail("public key", err)
	}
	parsed, err := x509.ParsePKIXPublicKey(out.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("kms public key: %w", err)
	}
	public, ok := parsed.(*rsa.PublicKey)
	if !ok || out.KeyUsage != types.KeyUsageTypeSignVerify {
		return nil, errors.New("kms public key: no RSA key for signatures")
	}
	return public, nil
}

func fail(op string, err error) error {
	if aws.Transient(err) {
		return fmt.Errorf("kms %s: %w: %w", op, sign.ErrUnavailable, err)
	}
	return fmt.Errorf("kms %s: %w", op, err)
}
