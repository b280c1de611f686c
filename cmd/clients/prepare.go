package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"ciclo/shared/platform/jose"
)

// object is a JSON object.
type object = map[string]any

// caller calls a sandbox with a token.
type caller struct{ url, token string }

// call sends JSON, nil for nothing, and reads the answer, which must be a success.
func (c caller) call(ctx context.Context, method, path string, body any) (object, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	if body == nil {
		text = nil
	}
	req, err := http.NewRequestWithContext(ctx, method, c.url+path, bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	if res.StatusCode/100 != 2 {
		return nil, fmt.Errorf("%s %s is answered with %d %s", method, path, res.StatusCode, raw)
	}
	answer := object{}
	if strings.HasPrefix(string(raw), "{") {
		err = json.Unmarshal(raw, &answer)
	} else {
		answer["text"] = string(raw)
	}
	return answer, err
}

// make makes something and returns its id.
func (c caller) make(ctx context.Context, path string, body object) (string, error) {
	answer, err := c.call(ctx, http.MethodPost, path, body)
	return fmt.Sprint(answer["id"]), err
}

// as is a caller with a token of the sandbox.
func as(ctx context.Context, url, who string) (caller, error) {
	answer, err := caller{url: url}.call(ctx, http.MethodGet, "/_local/token?"+who, nil)
	return caller{url, fmt.Sprint(answer["text"])}, err
}

// Organizations of the programs.
const (
	producerID = "69e2865e-65ab-4e48-a638-2037a9ee2ee7"
	consumerID = "efea2507-08df-4a5d-b4bf-263763ae03ad"
)

// prepare makes a client that may have vouchers, an issuer that may have access tokens and
// API clients of a producer and a consumer, and returns what the programs find of them in
// their environment.
func prepare(ctx context.Context, url, folder string) ([]string, error) {
	purpose, clientID, kid, keyFile, err := prepareClient(ctx, url, folder)
	if err != nil {
		return nil, err
	}
	issuerKey, err := prepareIssuer(ctx, url, folder)
	if err != nil {
		return nil, err
	}
	found := []string{
		"ISSUER=" + url, "CLIENT=" + clientID, "PURPOSE=" + purpose, "KID=" + kid, "KEY=" + keyFile,
		"CARD_ISSUER=ISSUER-001", "CARD_KID=key-1", "CARD_KEY=" + issuerKey,
	}
	for name, query := range map[string]string{
		"PRODUCER": "organizationId=" + producerID, "CONSUMER": "organizationId=" + consumerID,
		"READER": "role=m2m&organizationId=" + consumerID,
	} {
		file := filepath.Join(folder, name+".json")
		if err := prepareAPIClient(ctx, url, query, file); err != nil {
			return nil, err
		}
		found = append(found, name+"="+file)
	}
	return found, nil
}

// prepareAPIClient makes an API client and keeps the sandbox's answer in a file.
func prepareAPIClient(ctx context.Context, url, query, file string) error {
	answer, err := caller{url: url}.call(ctx, http.MethodGet, "/_local/client?kind=API&"+query, nil)
	if err != nil {
		return err
	}
	text, err := json.Marshal(answer)
	if err != nil {
		return err
	}
	return os.WriteFile(file, text, 0o600)
}

// prepareClient publishes an e-service and makes an agreement on it, a purpose and a client
// with a key.
func prepareClient(ctx context.Context, url, folder string) (purpose, clientID, kid, keyFile string, err error) {
	fail := func(err error) (string, string, string, string, error) { return "", "", "", "", err }
	producer, err := as(ctx, url, "organizationId="+producerID)
	if err != nil {
		return fail(err)
	}
	consumer, err := as(ctx, url, "organizationId="+consumerID)
	if err != nil {
		return fail(err)
	}
	eservice, err := producer.make(ctx, "/eservices", object{
		"name": "Registry of residents", "description": "Looks residents up", "technology": "REST", "mode": "DELIVER", "personalData": false,
		"descriptor": object{
			"audience": []string{"registry.example.it/v1"}, "voucherLifespan": 600, "dailyCallsPerConsumer": 1000, "dailyCallsTotal": 10000,
			"agreementApprovalPolicy": "AUTOMATIC",
		},
	})
	if err != nil {
		return fail(err)
	}
	descriptors, err := producer.call(ctx, http.MethodGet, "/eservices/"+eservice+"/descriptors", nil)
	if err != nil {
		return fail(err)
	}
	descriptor := ""
	if results, _ := descriptors["results"].([]any); len(results) == 1 {
		one, _ := results[0].(object)
		descriptor = fmt.Sprint(one["id"])
	}
	if _, err := producer.call(ctx, http.MethodPost, "/eservices/"+eservice+"/descriptors/"+descriptor+"/publish", nil); err != nil {
		return fail(err)
	}
	agreement, err := consumer.make(ctx, "/agreements", object{"eserviceId": eservice, "descriptorId": descriptor})
	if err == nil {
		_, err = consumer.call(ctx, http.MethodPost, "/agreements/"+agreement+"/submit", object{})
	}
	if err != nil {
		return fail(err)
	}
	purpose, err = consumer.make(ctx, "/purposes", object{
		"eserviceId": eservice, "title": "Certificates online", "description": "Certificates for residents",
		"isFreeOfCharge": false, "dailyCalls": 100,
		"riskAnalysisForm": object{"version": "3.1", "answers": object{"purpose": []string{"INSTITUTIONAL"}}},
	})
	if err == nil {
		_, err = consumer.call(ctx, http.MethodPost, "/purposes/"+purpose+"/activate", nil)
	}
	if err != nil {
		return fail(err)
	}
	clientID, err = consumer.make(ctx, "/clients", object{"name": "Portal", "members": []string{}})
	if err == nil {
		_, err = consumer.call(ctx, http.MethodPost, "/clients/"+clientID+"/purposes", object{"purposeId": purpose})
	}
	if err != nil {
		return fail(err)
	}
	kid, keyFile, err = uploadKey(ctx, consumer, clientID, folder)
	return purpose, clientID, kid, keyFile, err
}

// uploadKey gives a client a new key; the private one is in a file.
func uploadKey(ctx context.Context, consumer caller, clientID, folder string) (kid, file string, err error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return "", "", err
	}
	if file, err = keep(folder, "client.pem", key); err != nil {
		return "", "", err
	}
	public := pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: x509.MarshalPKCS1PublicKey(&key.PublicKey)})
	_, err = consumer.call(ctx, http.MethodPost, "/clients/"+clientID+"/keys", object{
		"key": base64.StdEncoding.EncodeToString(public), "use": "SIG", "alg": "RS256", "name": "Key of the portal",
	})
	return jose.Thumbprint(&key.PublicKey), file, err
}

// prepareIssuer registers a new key of a card issuer; the private one is in the file.
func prepareIssuer(ctx context.Context, url, folder string) (file string, err error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", err
	}
	if file, err = keep(folder, "issuer.pem", key); err != nil {
		return "", err
	}
	k, _ := jose.NewJWK(&key.PublicKey)
	operator, err := as(ctx, url, "role=operator")
	if err != nil {
		return "", err
	}
	_, err = operator.call(ctx, http.MethodPut, "/issuers/ISSUER-001/keys/key-1", object{
		"key":    object{"kty": "EC", "crv": "P-256", "x": k.X, "y": k.Y},
		"scopes": []string{"d1-api:consumer:full"},
	})
	return file, err
}

// keep writes a private key to a file, in PKCS #8.
func keep(folder, name string, key crypto.Signer) (string, error) {
	private, err := jose.PrivatePEM(key)
	if err != nil {
		return "", err
	}
	file := filepath.Join(folder, name)
	return file, os.WriteFile(file, private, 0o600)
}
