package aws

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	_ "embed" // amazonRoots
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
)

// EnvRoots names the variable with a file of PEM certificates that are trusted in place of
// Amazon's, as in AWS's own tools.
const EnvRoots = "AWS_CA_BUNDLE"

// amazonRoots has the certificates of Amazon Trust Services, which sign those of AWS's
// endpoints (https://www.amazontrust.com/repository/), as Mozilla's list has them.
//
//go:embed roots.pem
var amazonRoots []byte

// readRoots reads the certificates in the file name, nil when it is empty.
func readRoots(name string) ([]byte, error) {
	if name == "" {
		return nil, nil
	}
	roots, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", EnvRoots, err)
	}
	if !x509.NewCertPool().AppendCertsFromPEM(roots) {
		return nil, fmt.Errorf("%s: %s has no certificate", EnvRoots, name)
	}
	return roots, nil
}

// trust opens TLS connections and verifies endpoints by few roots. To read and parse the
// system's costs more than the rest of a handshake (golang/go#79018), so these are read
// only when an issuer is not one of Amazon's: a private endpoint, or a partition with an
// authority of its own.
type trust struct {
	dial     func(ctx context.Context, network, address string) (net.Conn, error)
	sessions tls.ClientSessionCache
	roots    func() *x509.CertPool
	falls    bool        // whether the system's roots are tried
	system   atomic.Bool // whether they were needed
}

// newTrust returns a trust in roots, nil for Amazon's.
func newTrust(roots []byte, conns int) *trust {
	t := &trust{
		dial: (&net.Dialer{Timeout: connectLimit}).DialContext,
		// Resuming spares the certificate checks, most of a handshake's cost.
		sessions: tls.NewLRUClientSessionCache(conns),
		falls:    roots == nil,
	}
	if t.falls {
		roots = amazonRoots
	}
	t.roots = sync.OnceValue(func() *x509.CertPool {
		pool := x509.NewCertPool()
		pool.AppendCertsFromPEM(roots)
		return pool
	})
	return t
}

// dialTLS is for [net/http.Transport].
func (t *trust) dialTLS(ctx context.Context, network, address string) (net.Conn, error) {
	if t.system.Load() {
		return t.handshake(ctx, network, address, nil)
	}
	conn, err := t.handshake(ctx, network, address, t.roots())
	if _, unknown := errors.AsType[x509.UnknownAuthorityError](err); !unknown || !t.falls {
		return conn, err
	}
	conn, err = t.handshake(ctx, network, address, nil)
	if err == nil {
		t.system.Store(true)
	}
	return conn, err
}

// handshake opens a connection to an endpoint that one of roots vouches for; nil means
// those of the system.
func (t *trust) handshake(ctx context.Context, network, address string, roots *x509.CertPool) (net.Conn, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	plain, err := t.dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, connectLimit)
	defer cancel()
	conn := tls.Client(plain, &tls.Config{
		MinVersion: tls.VersionTLS12, ServerName: host, RootCAs: roots, ClientSessionCache: t.sessions,
	})
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = plain.Close()
		return nil, err
	}
	return conn, nil
}
