package main

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"net/http/httptest"
	"strings"
	"testing"

	"ciclo/shared/platform/sign"
	"ciclo/shared/platform/testing/kmslocal"
)

// TestRun prints the parameters of one key and of two.
func TestRun(t *testing.T) {
	t.Parallel()
	server := kmslocal.New()
	for _, id := range []string{"one", "two"} {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		server = server.WithSigner(id, key)
	}
	kms := httptest.NewServer(server)
	t.Cleanup(kms.Close)
	getenv := func(name string) string { return map[string]string{"AWS_ENDPOINT_URL_KMS": kms.URL}[name] }
	revisions := map[string]bool{}
	for _, arns := range [][]string{{"one"}, {"one", "two"}, {"two", "one"}} {
		var out bytes.Buffer
		if err := run(t.Context(), arns, getenv, &out); err != nil {
			t.Fatal(err)
		}
		said := map[string]string{}
		for line := range strings.Lines(out.String()) {
			name, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			said[name] = value
		}
		_, err := sign.ParseKeys([]byte(said["SigningJwks"]))
		if err != nil || said["SigningKeyArn"] != arns[0] || len(said["SigningRevision"]) != 8 {
			t.Errorf("%v: %v, %v", arns, said, err)
		}
		if n := strings.Count(said["SigningJwks"], `"kid"`); n != len(arns) {
			t.Errorf("%v: %d keys", arns, n)
		}
		revisions[said["SigningRevision"]] = true
	}
	if len(revisions) != 3 {
		t.Errorf("other keys have the same revision: %v", revisions)
	}
	for _, arns := range [][]string{nil, {"three"}, {"one", "one"}, {"one", "two", "one"}} {
		if err := run(t.Context(), arns, getenv, &bytes.Buffer{}); err == nil {
			t.Errorf("%v is accepted", arns)
		}
	}
}
