package sqs_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/aws/sqs"
	"ciclo/shared/platform/testing/awslocal"
)

const variable = "DEAD_LETTERS"

// queue returns the URL of a queue that answers with statuses, one after the other, and how
// many requests it was sent. It checks the requests and their signatures.
func queue(t *testing.T, statuses []int) (string, *atomic.Int32) {
	t.Helper()
	var url string
	sent := &atomic.Int32{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var got map[string]string
		err := json.NewDecoder(r.Body).Decode(&got)
		if err != nil || got["QueueUrl"] != url || got["MessageBody"] != `{"a":"é"}` || r.URL.Path != "/" {
			t.Errorf("sent %v to %s, %v", got, r.URL, err)
		}
		if err := awslocal.CheckSigned(r, "sqs", "x-amz-target"); err != nil || r.Header.Get("X-Amz-Target") != "AmazonSQS.SendMessage" {
			t.Errorf("signed: %v, %v", err, r.Header)
		}
		status := statuses[sent.Add(1)-1]
		w.WriteHeader(status)
		if status == http.StatusForbidden {
			_, _ = w.Write([]byte(`{"__type":"AccessDenied","message":"who are you"}`))
		}
	}))
	t.Cleanup(server.Close)
	url = server.URL + "/123456789012/letters"
	return url, sent
}

// TestSend sends a message to a queue that answers in several ways.
func TestSend(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		statuses []int
		sent     int32
		want     string // in the error, "" for none
	}{
		"taken":       {[]int{200}, 1, ""},
		"taken later": {[]int{500, 503, 200}, 3, ""},
		"never":       {[]int{500, 500, 500}, 3, "sqs SendMessage: answered 500"},
		"refused":     {[]int{403}, 1, "sqs SendMessage: answered 403 AccessDenied"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			url, sent := queue(t, test.statuses)
			env := map[string]string{variable: url, "AWS_REGION": "eu-south-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret"}
			q, err := sqs.FromEnv(func(name string) string { return env[name] }, variable)
			if err != nil {
				t.Fatal(err)
			}
			err = q.Send(t.Context(), `{"a":"é"}`)
			if (err == nil) != (test.want == "") {
				t.Errorf("error %v, want %q", err, test.want)
			}
			if err != nil && (!strings.Contains(err.Error(), test.want) || strings.Contains(err.Error(), "who are you")) {
				t.Errorf("error %v, want %q", err, test.want)
			}
			if sent.Load() != test.sent {
				t.Errorf("%d requests, want %d", sent.Load(), test.sent)
			}
		})
	}
}

func TestFromEnvRefuses(t *testing.T) {
	t.Parallel()
	for name, url := range map[string]string{"nothing": "", "no URL": "letters", "no host": "https:///letters"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			env := map[string]string{variable: url}
			_, err := sqs.FromEnv(func(asked string) string { return env[asked] }, variable)
			if err == nil || !strings.Contains(err.Error(), variable) {
				t.Errorf("error %v", err)
			}
		})
	}
}

// TestWaiting counts the messages of a queue that answers in several ways.
func TestWaiting(t *testing.T) {
	t.Parallel()
	const counted = `{"Attributes":{"ApproximateNumberOfMessages":"3","ApproximateNumberOfMessagesNotVisible":"2"}}`
	for name, test := range map[string]struct {
		answers   []string // an answer, or a status
		want      int64
		failure   string // in the error, "" for none
		transient bool
	}{
		"counted":       {[]string{counted}, 5, "", false},
		"counted later": {[]string{"503", counted}, 5, "", false},
		"never":         {[]string{"500", "500", "500"}, 0, "answered 500", true},
		"refused":       {[]string{"403"}, 0, "answered 403", false},
		"half":          {[]string{`{"Attributes":{"ApproximateNumberOfMessages":"3"}}`}, 0, "NotVisible", false},
		"nothing":       {[]string{"{}"}, 0, "ApproximateNumberOfMessages", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var url string
			sent := 0
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				var got struct {
					QueueURL       string `json:"QueueUrl"`
					AttributeNames []string
				}
				if err := json.NewDecoder(r.Body).Decode(&got); err != nil || got.QueueURL != url || len(got.AttributeNames) != 2 {
					t.Errorf("sent %+v, %v", got, err)
				}
				if r.Header.Get("X-Amz-Target") != "AmazonSQS.GetQueueAttributes" {
					t.Errorf("headers %v", r.Header)
				}
				answer := test.answers[sent]
				if sent++; len(answer) == 3 {
					status, _ := strconv.Atoi(answer)
					w.WriteHeader(status)
					return
				}
				_, _ = w.Write([]byte(answer))
			}))
			t.Cleanup(server.Close)
			url = server.URL + "/123456789012/letters"
			env := map[string]string{variable: url, "AWS_REGION": "eu-south-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret"}
			q, err := sqs.FromEnv(func(name string) string { return env[name] }, variable)
			if err != nil {
				t.Fatal(err)
			}
			got, err := q.Waiting(t.Context())
			if got != test.want || (err == nil) != (test.failure == "") || err != nil && !strings.Contains(err.Error(), test.failure) {
				t.Errorf("waiting = %d, %v; want %d, %q", got, err, test.want, test.failure)
			}
			if errors.Is(err, api.ErrQueueUnavailable) != test.transient {
				t.Errorf("%v may be repeated: %v, want %v", err, !test.transient, test.transient)
			}
		})
	}
}
