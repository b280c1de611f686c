// Package tlslocal makes certificates for stand-ins of AWS services that are spoken to over
// TLS, in chains as those of AWS's endpoints: a root, an intermediate authority and the
// endpoint, with RSA keys of 2048 bits.
package tlslocal

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"
)

// Authority is a root of this machine's own.
type Authority struct {
	Root []byte // its certificate in PEM
	// Endpoint is the certificate of 127.0.0.1 with the intermediate authority's.
	Endpoint tls.Certificate
}

// link is a certificate and its key.
type link struct {
	certificate *x509.Certificate
	key         *rsa.PrivateKey
}

// New makes an authority of that name.
func New(name string) (Authority, error) {
	root, err := issue(nil, &x509.Certificate{Subject: pkix.Name{CommonName: name}, IsCA: true, KeyUsage: x509.KeyUsageCertSign})
	if err != nil {
		return Authority{}, err
	}
	middle, err := issue(root, &x509.Certificate{Subject: pkix.Name{CommonName: name + " M01"}, IsCA: true, KeyUsage: x509.KeyUsageCertSign})
	if err != nil {
		return Authority{}, err
	}
	leaf, err := issue(middle, &x509.Certificate{
		Subject: pkix.Name{CommonName: "localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	})
	if err != nil {
		return Authority{}, err
	}
	return Authority{
		Root:     pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.certificate.Raw}),
		Endpoint: tls.Certificate{Certificate: [][]byte{leaf.certificate.Raw, middle.certificate.Raw}, PrivateKey: leaf.key},
	}, nil
}

// issue makes a certificate, which issuer signs; nil means itself.
func issue(issuer *link, about *x509.Certificate) (*link, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, fmt.Errorf("tlslocal: %w", err)
	}
	if about.SerialNumber, err = rand.Int(rand.Reader, big.NewInt(1<<62)); err != nil {
		return nil, fmt.Errorf("tlslocal: %w", err)
	}
	// Valid whatever clock a test has.
	about.NotBefore, about.NotAfter = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
	about.BasicConstraintsValid = true
	if issuer == nil {
		issuer = &link{certificate: about, key: key}
	}
	der, err := x509.CreateCertificate(rand.Reader, about, issuer.certificate, key.Public(), issuer.key)
	if err != nil {
		return nil, fmt.Errorf("tlslocal: %w", err)
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, fmt.Errorf("tlslocal: %w", err)
	}
	return &link{certificate: certificate, key: key}, nil
}
