package dynamo_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"

	"ciclo/shared/platform/table"
	"ciclo/shared/platform/table/dynamo"
	"ciclo/shared/platform/testing/faults"
)

// answer is what the canned service says to one request.
type answer struct {
	status int
	body   string
	header http.Header
	err    error // instead of an answer
	hang   bool  // no answer at all, until the request's context ends
}

func ok(body string) answer { return answer{status: http.StatusOK, body: body} }

func exception(name, members string) answer {
	return answer{
		status: http.StatusBadRequest,
		body:   `{"__type":"com.amazonaws.dynamodb.v20120810#` + name + `","message":"canned"` + members + `}`,
	}
}

// canceled is the answer to a transaction whose steps have these reasons.
func canceled(reasons ...string) answer {
	list := make([]string, len(reasons))
	for i, r := range reasons {
		list[i] = `{"Code":"` + r + `","Message":"canned"}`
		if code, item, found := strings.Cut(r, " "); found {
			list[i] = `{"Code":"` + code + `","Item":` + item + `}`
		}
	}
	return exception("TransactionCanceledException", `,"CancellationReasons":[`+strings.Join(list, ",")+`]`)
}

var lost = answer{err: errors.New("connection reset")}

// service is DynamoDB without a socket: it gives its answers one after the
// other, the last one again and again, and keeps what it was sent.
type service struct {
	answers []answer

	mu   sync.Mutex
	sent []request
}

// request is a request as it was sent.
type request struct {
	operation string
	body      string
}

func (s *service) Do(r *http.Request) (*http.Response, error) {
	a, err := s.take(r)
	switch {
	case err != nil:
		return nil, err
	case a.hang:
		<-r.Context().Done()
		return nil, r.Context().Err()
	case a.err != nil:
		return nil, a.err
	}
	return &http.Response{StatusCode: a.status, Header: a.header, Body: io.NopCloser(strings.NewReader(a.body)), Request: r}, nil
}

func (s *service) take(r *http.Request) (answer, error) {
	body, err := io.ReadAll(r.Body)
	s.mu.Lock()
	defer s.mu.Unlock()
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	a := s.answers[min(len(s.sent), len(s.answers)-1)]
	s.sent = append(s.sent, request{operation: operation, body: string(body)})
	return a, err
}

// members decodes the last request.
func (s *service) members(t *testing.T) map[string]any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader([]byte(s.sent[len(s.sent)-1].body)))
	d.UseNumber()
	var members map[string]any
	if err := d.Decode(&members); err != nil {
		t.Fatal(err)
	}
	return members
}

// things is the table of the tests without a service.
var things = table.Schema{Name: "things", Indexes: []table.Index{{Name: "by-owner", PK: "owner", SK: "rank"}}}

func thing(sk string) table.Key { return table.Key{Table: "things", PK: "p", SK: sk} }

// newService returns an engine and the service it talks to.
func newService(answers ...answer) (*dynamo.DB, *service) {
	s := &service{answers: answers}
	return newEngine(s), s
}

func newEngine(client faults.Client) *dynamo.DB {
	return dynamo.New(dynamo.Config{
		Region: "eu-south-1",
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "id", SecretAccessKey: "secret"}, nil
		}),
		Schemas:    []table.Schema{things},
		Names:      map[string]string{"things": "stack-things-1"},
		HTTPClient: client,
	})
}
