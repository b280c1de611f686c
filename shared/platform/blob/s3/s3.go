// Package s3 keeps blobs as objects of an S3 bucket. The SDK's client for S3
// would make a function's binary a megabyte larger; two calls need little of it.
package s3

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"ciclo/shared/platform/aws"
	"ciclo/shared/platform/blob"
)

// Names of the environment variables that FromEnv reads, beside those of
// [aws.FromEnv].
const (
	envBucket   = "LOGO_BUCKET"
	envEndpoint = "AWS_ENDPOINT_URL_S3"
)

// Config selects the bucket. Everything is required except what
// [aws.Config] makes optional.
type Config struct {
	aws.Config

	Bucket string
	Now    func() time.Time // the clock that requests are signed by
}

// Store is a [blob.Store] over one bucket. It needs the permissions s3:PutObject,
// s3:GetObject and s3:ListBucket: without the last one S3 denies access to an object
// that does not exist, and Get fails. Objects are encrypted as the bucket is configured.
type Store struct {
	config Config
	base   string // URL of the bucket, ends with a slash
	signer *v4.Signer
	wire   aws.Wire
}

// FromEnv returns a Store for the bucket named by LOGO_BUCKET, at the endpoint
// AWS_ENDPOINT_URL_S3 if that is set, with region and credentials as
// [aws.FromEnv] reads them. The error names what is missing or not
// acceptable.
func FromEnv(getenv func(string) string) (blob.Store, error) {
	common, err := aws.FromEnv(getenv, envEndpoint, envBucket)
	if err != nil {
		return nil, fmt.Errorf("blob: %w", err)
	}
	s, err := New(Config{Config: common, Bucket: getenv(envBucket), Now: time.Now})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", envBucket, err)
	}
	return s, nil
}

// New returns a Store for c, or an error if the bucket's name is not valid.
func New(c Config) (*Store, error) {
	if !validBucket(c.Bucket) {
		return nil, fmt.Errorf("blob: %q is not a bucket name", c.Bucket)
	}
	s := &Store{
		config: c,
		signer: v4.NewSigner(func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true }),
		wire:   aws.NewWire(c.Config, blob.MaxBytes),
	}
	switch {
	case c.Endpoint != "":
		s.base = strings.TrimRight(c.Endpoint, "/") + "/" + c.Bucket + "/"
	case strings.Contains(c.Bucket, "."): // the certificate is for names without
		s.base = "https://s3." + c.Region + ".amazonaws.com/" + c.Bucket + "/"
	default:
		s.base = "https://" + c.Bucket + ".s3." + c.Region + ".amazonaws.com/"
	}
	return s, nil
}

// validBucket keeps a slip from becoming part of the address.
func validBucket(name string) bool {
	return len(name) >= 3 && len(name) <= 63 &&
		strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") == "" &&
		strings.Trim(name, "-.") == name && !strings.Contains(name, "..")
}

// Put implements [blob.Store].
func (s *Store) Put(ctx context.Context, name string, b blob.Blob) error {
	if err := blob.Check(name, b); err != nil {
		return err
	}
	if _, err := s.call(ctx, http.MethodPut, name, b); err != nil {
		return fail("put", err)
	}
	return nil
}

// Get implements [blob.Store].
func (s *Store) Get(ctx context.Context, name string) (blob.Blob, bool, error) {
	if err := blob.CheckName(name); err != nil {
		return blob.Blob{}, false, err
	}
	b, err := s.call(ctx, http.MethodGet, name, blob.Blob{})
	if refused, ok := errors.AsType[*answerError](err); ok && refused.code == "NoSuchKey" {
		return blob.Blob{}, false, nil
	}
	if err != nil {
		return blob.Blob{}, false, fail("get", err)
	}
	return b, true, nil
}

func fail(op string, err error) error {
	if aws.Transient(err) {
		return fmt.Errorf("blob %s: %w: %w", op, blob.ErrUnavailable, err)
	}
	return fmt.Errorf("blob %s: %w", op, err)
}

// call sends b to the object called name and returns what is answered.
func (s *Store) call(ctx context.Context, method, name string, b blob.Blob) (answer blob.Blob, err error) {
	sum := sha256.Sum256(b.Bytes)
	hash := hex.EncodeToString(sum[:])
	err = s.config.Repeat(ctx, func(ctx context.Context) error {
		req, err := s.request(ctx, method, name, hash, b)
		if err != nil {
			return err
		}
		res, err := s.wire.Do(req)
		if err != nil {
			return &smithyhttp.RequestSendError{Err: err}
		}
		defer res.Body.Close()
		answer, err = read(res)
		return err
	})
	return answer, err
}

// request returns a signed request.
func (s *Store) request(ctx context.Context, method, name, hash string, b blob.Blob) (*http.Request, error) {
	req, err := http.NewRequestWithContext(ctx, method, s.base+name, bytes.NewReader(b.Bytes))
	if err != nil {
		return nil, err
	}
	if b.Type != "" {
		req.Header.Set("Content-Type", b.Type)
	}
	req.Header.Set("X-Amz-Content-Sha256", hash)
	who, err := s.config.Credentials.Retrieve(ctx)
	if err != nil {
		return nil, fmt.Errorf("credentials: %w", err)
	}
	if err := s.signer.SignHTTP(ctx, who, req, hash, "s3", s.config.Region, s.config.Now()); err != nil {
		return nil, fmt.Errorf("sign: %w", err)
	}
	return req, nil
}

func read(res *http.Response) (blob.Blob, error) {
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return blob.Blob{}, err
	}
	if res.StatusCode == http.StatusOK {
		return blob.Blob{Type: res.Header.Get("Content-Type"), Bytes: body}, nil
	}
	return blob.Blob{}, &answerError{status: res.StatusCode, code: codeIn(string(body))}
}

// answerError is an answer other than 200. The message of S3 is left out: it names
// account and caller.
type answerError struct {
	status int
	code   string // may be empty
}

func (e *answerError) Error() string       { return fmt.Sprintf("S3 answers %d %s", e.status, e.code) }
func (e *answerError) HTTPStatusCode() int { return e.status }
func (e *answerError) ErrorCode() string   { return e.code }

// codeIn finds the code in S3's error document, which has one element of that
// name and no attributes.
func codeIn(document string) string {
	_, rest, _ := strings.Cut(document, "<Code>")
	code, _, ok := strings.Cut(rest, "</Code>")
	if !ok || len(code) > 64 {
		return ""
	}
	return code
}
