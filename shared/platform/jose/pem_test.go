package jose_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"testing"

	"ciclo/shared/platform/jose"
)

func TestPEM(t *testing.T) {
	t.Parallel()
	for _, key := range []crypto.Signer{keys().rsa, keys().ec} {
		content := must(jose.PrivatePEM(key))
		again, ok := jose.ParsePrivatePEM(content).(interface{ Equal(crypto.PrivateKey) bool })
		if !ok || !again.Equal(key) {
			t.Errorf("%T is not read again", key)
		}
		block, _ := pem.Decode(must(jose.PublicPEM(key.Public())))
		public, err := x509.ParsePKIXPublicKey(block.Bytes)
		if err != nil || block.Type != "PUBLIC KEY" || jose.Thumbprint(public) != jose.Thumbprint(key.Public()) {
			t.Errorf("%T: public is %v, %v", key, public, err)
		}
		for name, content := range map[string][]byte{
			"nothing":         nil,
			"a text":          []byte("secret"),
			"a public key":    must(jose.PublicPEM(key.Public())),
			"two keys":        append(content, content...),
			"text behind":     append(content, 'x'),
			"another type":    bytes.ReplaceAll(content, []byte("PRIVATE"), []byte("RSA PRIVATE")),
			"no key":          pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("secret")}),
			"a broken PKCS#8": content[:len(content)/2],
		} {
			if got := jose.ParsePrivatePEM(content); got != nil {
				t.Errorf("%s is %T", name, got)
			}
		}
	}
	if _, err := jose.PublicPEM("x"); err == nil {
		t.Error("a text is a public key")
	}
}
