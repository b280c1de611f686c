// Command signingkeys prints the parameters of a deployment whose vouchers are signed
// by keys of AWS KMS: the first one signs, a second one is published too.
//
//	signingkeys <ARN> [<ARN>]
//
// It reads AWS_REGION and the credentials, which may kms:GetPublicKey, and
// AWS_ENDPOINT_URL_KMS.
package main

import (
	"context"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/signal"

	"ciclo/shared/platform/aws"
	awskms "ciclo/shared/platform/aws/kms"
	"ciclo/shared/platform/sign"
	"ciclo/shared/platform/sign/kms"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Getenv, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "signing-keys:", err)
		os.Exit(1) //nolint:gocritic // nothing is left to stop
	}
}

func run(ctx context.Context, arns []string, getenv func(string) string, out io.Writer) error {
	config, err := aws.FromEnv(getenv, awskms.EnvEndpoint)
	if err != nil {
		return err
	}
	public := make([]*rsa.PublicKey, len(arns))
	for i, arn := range arns {
		if public[i], err = kms.New(kms.Config{Config: config, KeyID: arn}).Public(ctx); err != nil {
			return fmt.Errorf("%s: %w", arn, err)
		}
	}
	keys, err := sign.NewKeys(public...)
	if err != nil {
		return fmt.Errorf("say KEYS=\"<ARN> [<ARN>]\": %w", err)
	}
	sum := sha256.Sum256(keys.JWKS())
	_, err = fmt.Fprintf(out, "SigningKeyArn=%s\nSigningRevision=%s\nSigningJwks=%s\n", arns[0], hex.EncodeToString(sum[:4]), keys.JWKS())
	return err
}
