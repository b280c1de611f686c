// Package kms is the client with which secrets are wrapped, tokens are signed and keys are
// derived by AWS KMS.
package kms

import (
	"context"

	"ciclo/shared/platform/aws"
)

// EnvEndpoint names the environment variable with an endpoint other than the
// region's own, for [aws.FromEnv].
const EnvEndpoint = "AWS_ENDPOINT_URL_KMS"

// SignVerify is the use of a key that signs.
const SignVerify = "SIGN_VERIFY"

// Client calls KMS. Its methods repeat as [aws.Config.Repeat] does.
type Client struct{ calls *aws.JSON }

// New returns a client.
func New(c aws.Config) *Client {
	return &Client{aws.NewJSON(c, aws.Service{Name: "kms", Target: "TrentService", Version: "1.1"})}
}

// input is what any operation takes.
type input struct {
	KeyID             string            `json:"KeyId"`
	KeySpec           string            `json:"KeySpec,omitempty"`
	CiphertextBlob    []byte            `json:"CiphertextBlob,omitempty"`
	EncryptionContext map[string]string `json:"EncryptionContext,omitempty"`
	Message           []byte            `json:"Message,omitempty"`
	MessageType       string            `json:"MessageType,omitempty"`
	SigningAlgorithm  string            `json:"SigningAlgorithm,omitempty"`
	MacAlgorithm      string            `json:"MacAlgorithm,omitempty"`
}

// output is what any operation answers.
type output struct {
	Plaintext      []byte
	CiphertextBlob []byte
	Signature      []byte
	PublicKey      []byte
	Mac            []byte
	KeyUsage       string
}

// GenerateDataKey makes a key of 256 bits and wraps it by the key keyID, bound to
// about.
func (c *Client) GenerateDataKey(ctx context.Context, keyID string, about map[string]string) (key, wrapped []byte, err error) {
	var out output
	err = c.calls.Call(ctx, "GenerateDataKey", input{KeyID: keyID, KeySpec: "AES_256", EncryptionContext: about}, &out)
	return out.Plaintext, out.CiphertextBlob, err
}

// Decrypt unwraps what GenerateDataKey has wrapped. The error has the code
// InvalidCiphertextException or IncorrectKeyException where that was changed.
func (c *Client) Decrypt(ctx context.Context, keyID string, wrapped []byte, about map[string]string) (key []byte, err error) {
	var out output
	err = c.calls.Call(ctx, "Decrypt", input{KeyID: keyID, CiphertextBlob: wrapped, EncryptionContext: about}, &out)
	return out.Plaintext, err
}

// Sign signs a SHA-256 digest by RSASSA-PKCS1-v1_5.
func (c *Client) Sign(ctx context.Context, keyID string, digest []byte) (signature []byte, err error) {
	var out output
	err = c.calls.Call(ctx, "Sign", input{
		KeyID: keyID, Message: digest, MessageType: "DIGEST", SigningAlgorithm: "RSASSA_PKCS1_V1_5_SHA_256",
	}, &out)
	return out.Signature, err
}

// GenerateMac returns the HMAC-SHA-256 of a message by the key keyID.
func (c *Client) GenerateMac(ctx context.Context, keyID string, message []byte) (mac []byte, err error) {
	var out output
	err = c.calls.Call(ctx, "GenerateMac", input{KeyID: keyID, Message: message, MacAlgorithm: "HMAC_SHA_256"}, &out)
	return out.Mac, err
}

// PublicKey returns the public half of an asymmetric key in DER, and its use.
func (c *Client) PublicKey(ctx context.Context, keyID string) (der []byte, usage string, err error) {
	var out output
	err = c.calls.Call(ctx, "GetPublicKey", input{KeyID: keyID}, &out)
	return out.PublicKey, out.KeyUsage, err
}
