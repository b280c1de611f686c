package aws

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// maxJSON is how many bytes an answer in JSON has at most.
const maxJSON = 64 << 10

// JSON calls the operations of a service that speaks AWS's JSON protocol. The SDK's
// clients make a function's binary larger (KMS: 0.6 MB); few calls need little of them.
type JSON struct {
	config Config
	url    string
	about  Service
	signer *v4.Signer
	wire   Wire
}

// Service says how a service is spoken to.
type Service struct {
	Name    string // by which requests are signed, and in the host of its endpoint
	Target  string // what precedes the name of an operation in X-Amz-Target
	Version string // of the protocol
}

// NewJSON returns a client of a service.
func NewJSON(c Config, about Service) *JSON {
	url := cmp.Or(c.Endpoint, "https://"+about.Name+"."+c.Region+"."+suffix(c.Region))
	return &JSON{config: c, url: strings.TrimRight(url, "/") + "/", about: about, signer: v4.NewSigner(), wire: NewWire(c, maxJSON)}
}

// suffixes are the ends of endpoints in partitions that have one of their own, by the
// beginning of their regions.
var suffixes = []struct{ region, suffix string }{
	{"cn-", "amazonaws.com.cn"},
	{"eusc-", "amazonaws.eu"},
	{"us-iso-", "c2s.ic.gov"},
	{"us-isob-", "sc2s.sgov.gov"},
	{"eu-isoe-", "cloud.adc-e.uk"},
	{"us-isof-", "csp.hci.ic.gov"},
	{"eu-isof-", "csp.hci.ic.gov"},
}

func suffix(region string) string {
	for _, s := range suffixes {
		if strings.HasPrefix(region, s.region) {
			return s.suffix
		}
	}
	return "amazonaws.com"
}

// Call sends in to an operation and decodes its answer into out, which may be nil. It
// repeats as [Config.Repeat] does; what the service refuses is an [*AnswerError].
func (j *JSON) Call(ctx context.Context, operation string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("%s %s: %w", j.about.Name, operation, err)
	}
	err = j.config.Repeat(ctx, func(ctx context.Context) error { return j.attempt(ctx, operation, body, out) })
	if err != nil {
		return fmt.Errorf("%s %s: %w", j.about.Name, operation, err)
	}
	return nil
}

func (j *JSON) attempt(ctx context.Context, operation string, body []byte, out any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, j.url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/x-amz-json-"+j.about.Version)
	req.Header.Set("X-Amz-Target", j.about.Target+"."+operation)
	who, err := j.config.Credentials.Retrieve(ctx)
	if err != nil {
		return fmt.Errorf("credentials: %w", err)
	}
	sum := sha256.Sum256(body)
	if err := j.signer.SignHTTP(ctx, who, req, hex.EncodeToString(sum[:]), j.about.Name, j.config.Region, time.Now()); err != nil {
		return fmt.Errorf("sign: %w", err)
	}
	res, err := j.wire.Do(req)
	if err != nil {
		return &smithyhttp.RequestSendError{Err: err}
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return refusal(res)
	}
	if out == nil {
		return nil
	}
	if err := json.NewDecoder(res.Body).Decode(out); err != nil {
		return &smithy.DeserializationError{Err: err}
	}
	return nil
}

// AnswerError is an answer other than success. What a service says beside the code stays
// out: it names account and caller.
type AnswerError struct {
	Status    int
	Code      string // may be empty
	RequestID string // by which AWS finds the request
}

func refusal(res *http.Response) error {
	var said struct {
		Type string `json:"__type"`
	}
	_ = json.NewDecoder(res.Body).Decode(&said) // without one the status says enough
	code := cmp.Or(res.Header.Get("X-Amzn-Errortype"), said.Type)
	if _, name, qualified := strings.Cut(code, "#"); qualified {
		code = name
	}
	code, _, _ = strings.Cut(code, ":") // a URL may follow
	return &AnswerError{Status: res.StatusCode, Code: code, RequestID: res.Header.Get("X-Amzn-Requestid")}
}

// Error implements error.
func (e *AnswerError) Error() string {
	return strings.TrimSpace(fmt.Sprintf("answered %d %s %s", e.Status, e.Code, e.RequestID))
}

// HTTPStatusCode is for [Transient].
func (e *AnswerError) HTTPStatusCode() int { return e.Status }

// ErrorCode is for [Transient].
func (e *AnswerError) ErrorCode() string { return e.Code }
