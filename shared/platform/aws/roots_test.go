package aws_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"ciclo/shared/platform/aws"
	"ciclo/shared/platform/testing/tlslocal"
)

// system is the only authority that this process's system trusts; other is one that
// nobody trusts.
var system, other tlslocal.Authority

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "roots")
	if err == nil {
		err = prepare(dir)
	}
	if err != nil {
		log.Fatal(err)
	}
	code := m.Run()
	os.RemoveAll(dir)
	os.Exit(code)
}

// prepare makes the authorities, and the first of them the only root of the system.
func prepare(dir string) (err error) {
	for _, a := range []*tlslocal.Authority{&system, &other} {
		if *a, err = tlslocal.New("Test Root"); err != nil {
			return err
		}
	}
	bundle := filepath.Join(dir, "bundle.pem")
	if err := os.WriteFile(bundle, system.Root, 0o600); err != nil {
		return err
	}
	// crypto/x509 reads them once, when it first needs the system's roots.
	for name, value := range map[string]string{"SSL_CERT_FILE": bundle, "SSL_CERT_DIR": filepath.Join(dir, "none")} {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	return nil
}

// endpoint serves TLS with a certificate of a and counts the connections that are opened.
func endpoint(t *testing.T, a tlslocal.Authority) (url string, opened *atomic.Int32) {
	t.Helper()
	opened = &atomic.Int32{}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusNoContent)
	}))
	server.TLS = &tls.Config{Certificates: []tls.Certificate{a.Endpoint}, MinVersion: tls.VersionTLS12}
	server.Config.ErrorLog = log.New(&bytes.Buffer{}, "", 0)
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	server.StartTLS()
	t.Cleanup(server.Close)
	return server.URL, opened
}

// get sends a request and closes its connection, so that the next one has its own.
func get(t *testing.T, client *http.Client, url string) error {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Close = true
	res, err := client.Do(req)
	if err != nil {
		return err
	}
	return res.Body.Close()
}

// TestAmazonRoots counts what a function parses to verify an endpoint of AWS.
func TestAmazonRoots(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("roots.pem")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.CheckSignatureFrom(c); err != nil {
			t.Errorf("%s: %v", c.Subject, err)
		}
		names = append(names, c.Subject.CommonName)
	}
	want := "Amazon Root CA 1, Amazon Root CA 2, Amazon Root CA 3, Amazon Root CA 4, Starfield Services Root Certificate Authority - G2"
	if got := strings.Join(names, ", "); got != want {
		t.Errorf("roots: %s, want %s", got, want)
	}
}

// TestFallsBackToTheSystem: an issuer that is not Amazon's is looked for among the system's
// roots, with a connection more, the first time only.
func TestFallsBackToTheSystem(t *testing.T) {
	t.Parallel()
	client := aws.NewClient(1, nil)
	url, opened := endpoint(t, system)
	for _, want := range []int32{2, 3} {
		if err := get(t, client, url); err != nil || opened.Load() != want {
			t.Errorf("%d connections, %v, want %d", opened.Load(), err, want)
		}
	}
}

// TestTrustsNobodyElse: what neither Amazon nor the system vouches for, and what is vouched
// for under another name, is refused.
func TestTrustsNobodyElse(t *testing.T) {
	t.Parallel()
	url, opened := endpoint(t, other)
	if err := get(t, aws.NewClient(1, nil), url); err == nil || !strings.Contains(err.Error(), "unknown authority") || opened.Load() != 2 {
		t.Errorf("%d connections, %v, want 2 and an unknown authority", opened.Load(), err)
	}
	url, opened = endpoint(t, other)
	err := get(t, aws.NewClient(1, other.Root), strings.Replace(url, "127.0.0.1", "localhost", 1))
	if err == nil || !strings.Contains(err.Error(), "localhost") || opened.Load() != 1 {
		t.Errorf("%d connections, %v, want 1 and another name", opened.Load(), err)
	}
}

// TestBundle: AWS_CA_BUNDLE replaces all roots.
func TestBundle(t *testing.T) {
	t.Parallel()
	bundle := filepath.Join(t.TempDir(), "bundle.pem")
	if err := os.WriteFile(bundle, other.Root, 0o600); err != nil {
		t.Fatal(err)
	}
	env := vars{"AWS_REGION": "eu-west-1", "AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_CA_BUNDLE": bundle}
	c, err := aws.FromEnv(env.get, "ENDPOINT")
	if err != nil {
		t.Fatal(err)
	}
	url, opened := endpoint(t, other)
	if err := get(t, aws.NewClient(1, c.Roots), url); err != nil || opened.Load() != 1 {
		t.Errorf("%d connections, %v, want 1", opened.Load(), err)
	}
	url, opened = endpoint(t, system)
	if err := get(t, aws.NewClient(1, c.Roots), url); err == nil || opened.Load() != 1 {
		t.Errorf("%d connections, %v, want 1 and an error", opened.Load(), err)
	}
	for name, content := range map[string]string{"absent": "", "empty": "no certificate"} {
		env["AWS_CA_BUNDLE"] = filepath.Join(t.TempDir(), name)
		if content != "" {
			if err := os.WriteFile(env["AWS_CA_BUNDLE"], []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := aws.FromEnv(env.get, "ENDPOINT"); err == nil || !strings.Contains(err.Error(), "AWS_CA_BUNDLE") {
			t.Errorf("%s: %v, want an error that names AWS_CA_BUNDLE", name, err)
		}
	}
}
