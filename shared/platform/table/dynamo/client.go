package dynamo

import (
	"bytes"
	"context"
	"fmt"
	"hash/crc32"
	"io"
	"net/http"
	"strconv"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"ciclo/shared/platform/aws"
	"ciclo/shared/platform/table"
)

const (
	// attemptLimit ends an attempt that hangs while its call has time for
	// another; DynamoDB's own limit for a request is about as long.
	attemptLimit = 5 * time.Second
	// idleConns lets a purge's workers and a cascade's batches keep theirs.
	idleConns = 32
)

func newClient(c Config) *dynamodb.Client {
	o := dynamodb.Options{
		Region:                c.Region,
		Credentials:           c.Credentials,
		AccountIDEndpointMode: sdk.AccountIDEndpointModeDisabled,
		EndpointDiscovery:     dynamodb.EndpointDiscoveryOptions{EnableEndpointDiscovery: sdk.EndpointDiscoveryDisabled},
		HTTPClient:            wire{next: c.HTTPClient},
		// wire checks the checksum; the SDK only logs a mismatch.
		DisableValidateResponseChecksum: true,
		Retryer:                         sdk.NopRetryer{}, // each call brings its own
	}
	if c.HTTPClient == nil {
		o.HTTPClient = wire{next: aws.NewClient(idleConns, c.Roots)}
	}
	if c.Endpoint != "" {
		o.BaseEndpoint = sdk.String(c.Endpoint)
	}
	return dynamodb.New(o)
}

// wire sends one attempt, counts it and hands the SDK a whole answer or none.
// An answer that is cut short, empty or damaged would otherwise surface as a
// failure the SDK cannot classify, or as a success without content.
type wire struct{ next dynamodb.HTTPClient }

// Do implements [dynamodb.HTTPClient].
func (w wire) Do(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(req.Context(), attemptLimit)
	defer cancel()
	table.Metered(ctx, table.Usage{RoundTrips: 1})
	res, err := w.next.Do(req.WithContext(ctx))
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	if err := verify(res.Header.Get("X-Amz-Crc32"), body); err != nil {
		return nil, err
	}
	res.Body = io.NopCloser(bytes.NewReader(body))
	return res, nil
}

func verify(checksum string, body []byte) error {
	if len(body) == 0 {
		return fmt.Errorf("read answer: empty: %w", io.ErrUnexpectedEOF)
	}
	if checksum == "" {
		return nil
	}
	if got := strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10); got != checksum {
		return fmt.Errorf("read answer: checksum is %s, sent as %s", got, checksum)
	}
	return nil
}
