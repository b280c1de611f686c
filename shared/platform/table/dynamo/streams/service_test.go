package streams_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// service is a table's stream without a socket. DynamoDB Local neither splits
// shards nor forgets iterators, and this does.
type service struct {
	shards []shard // in the order of their description
	// failures are what each operation answers first, one per request: the name
	// of an exception, "lost" for no answer, "" for none.
	failures map[string][]string
	unnamed  bool // the table has no stream

	mu     sync.Mutex
	serial int               // of the last iterator
	dead   map[string]string // iterators and positions that fail for ever, and how
}

// shard holds changes that create items, named by their sort keys.
type shard struct {
	id, parent string
	changes    []string
	open       bool
}

func (s *service) Do(r *http.Request) (*http.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	var in map[string]any
	if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
		return nil, err
	}
	switch failure := s.failure(operation, in); failure {
	case "":
		return respond(r, http.StatusOK, s.answer(operation, in))
	case "lost":
		return nil, errors.New("connection reset")
	default:
		return respond(r, http.StatusBadRequest, map[string]any{"__type": "com.amazonaws.dynamodb.v20120810#" + failure})
	}
}

// failure tells how a request fails. An iterator that expired once and a
// position that was trimmed once stay so.
func (s *service) failure(operation string, in map[string]any) string {
	position := fmt.Sprint(in["ShardIterator"], in["SequenceNumber"])
	if s.dead[position] != "" {
		return s.dead[position]
	}
	left := s.failures[operation]
	if len(left) == 0 {
		return ""
	}
	s.failures[operation] = left[1:]
	lasting := left[0] == "ExpiredIteratorException" || left[0] == "TrimmedDataAccessException"
	if lasting && (operation == "GetRecords" || in["SequenceNumber"] != nil) {
		if s.dead == nil {
			s.dead = map[string]string{}
		}
		s.dead[position] = left[0]
	}
	return left[0]
}

func (s *service) answer(operation string, in map[string]any) map[string]any {
	switch operation {
	case "DescribeTable":
		if s.unnamed {
			return map[string]any{"Table": map[string]any{"TableStatus": "ACTIVE"}}
		}
		return map[string]any{"Table": map[string]any{"LatestStreamArn": "arn:stream"}}
	case "DescribeStream":
		return map[string]any{"StreamDescription": s.describe(in)}
	case "GetShardIterator":
		at := 0
		if in["ShardIteratorType"] == "AFTER_SEQUENCE_NUMBER" {
			at, _ = strconv.Atoi(in["SequenceNumber"].(string))
		}
		return map[string]any{"ShardIterator": s.iterator(in["ShardId"], at)}
	default:
		return s.records(in["ShardIterator"].(string))
	}
}

// describe tells one shard at a time.
func (s *service) describe(in map[string]any) map[string]any {
	i := 0
	for i < len(s.shards) && in["ExclusiveStartShardId"] != nil && s.shards[i].id != in["ExclusiveStartShardId"] {
		i++
	}
	if in["ExclusiveStartShardId"] != nil {
		i++
	}
	sh := s.shards[i]
	told := map[string]any{"ShardId": sh.id}
	if sh.parent != "" {
		told["ParentShardId"] = sh.parent
	}
	description := map[string]any{"Shards": []any{told}}
	if i < len(s.shards)-1 {
		description["LastEvaluatedShardId"] = sh.id
	}
	return description
}

// records answers two changes at a time; the sequence number of a change is its
// place in the shard, counted from 1.
func (s *service) records(iterator string) map[string]any {
	parts := strings.Split(iterator, "/")
	id := parts[0]
	at, _ := strconv.Atoi(parts[1])
	for _, sh := range s.shards {
		if sh.id != id {
			continue
		}
		end := min(at+2, len(sh.changes))
		records := []any{}
		for n := at; n < end; n++ {
			key := map[string]any{"pk": map[string]any{"S": "p"}, "sk": map[string]any{"S": sh.changes[n]}}
			records = append(records, map[string]any{"dynamodb": map[string]any{
				"Keys": key, "NewImage": key, "SequenceNumber": strconv.Itoa(n + 1),
			}})
		}
		out := map[string]any{"Records": records}
		if sh.open || end < len(sh.changes) {
			out["NextShardIterator"] = s.iterator(id, end)
		}
		return out
	}
	return nil
}

// iterator names a place in a shard, never twice in the same way.
func (s *service) iterator(shard any, at int) string {
	s.serial++
	return fmt.Sprintf("%s/%d/%d", shard, at, s.serial)
}

func respond(r *http.Request, status int, body map[string]any) (*http.Response, error) {
	text, err := json.Marshal(body)
	return &http.Response{StatusCode: status, Body: io.NopCloser(strings.NewReader(string(text))), Request: r}, err
}
