package sample

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/rsa"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"ciclo/cmd/internal/devissuer"
	"ciclo/shared/consumers"
	"ciclo/shared/interop"
	"ciclo/shared/interop/voucher"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/blob"
	"ciclo/shared/platform/blob/s3"
	"ciclo/shared/platform/seal"
	"ciclo/shared/platform/seal/kms"
	"ciclo/shared/platform/sign"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/kmslocal"
	"ciclo/shared/platform/testing/s3local"
)

// Surroundings is what functions need around them besides DynamoDB: a token
// issuer, a KMS key and a bucket, all on this machine.
type Surroundings struct {
	// Env is what functions have to be started with to find them.
	Env []string

	token, key string
	pen        *rsa.PrivateKey   // of a client that asks for vouchers
	grantPen   *ecdsa.PrivateKey // of an issuer that asks for tokens
	signing    *rsa.PrivateKey   // of the deployment, which signs tokens
	sealer     seal.Sealer
	logos      blob.Store
	stop       func() error
	now        func() time.Time
	entropy    io.Reader // of operations

	mu      sync.Mutex
	answers table.Item // the keys that sign answers, made once: that is slow

	counting sync.Mutex
	calls    map[string]int // of services of AWS
}

const (
	sealKey = "sample"
	signKey = "pen"

	deriveKey = "session"

	logoBucket = "logos"
)

// Surround starts the surroundings; Stop ends them.
func Surround(ctx context.Context) (*Surroundings, error) {
	return SurroundAt(ctx, func() time.Time { return time.Now().UTC() }, rand.Reader)
}

// SurroundAt is Surround with a clock of its own, and with the randomness of operations.
func SurroundAt(ctx context.Context, now func() time.Time, entropy io.Reader) (*Surroundings, error) {
	issuer, err := devissuer.New(now)
	if err != nil {
		return nil, err
	}
	s := &Surroundings{now: now, entropy: entropy, calls: map[string]int{}}
	if s.token, err = issuer.Token(devissuer.Claims{Subject: issuerID, Scope: consumers.ScopeFull}); err != nil {
		return nil, err
	}
	if s.pen, err = newPen(); err != nil {
		return nil, err
	}
	if s.grantPen, err = newGrantPen(); err != nil {
		return nil, err
	}
	if s.signing, err = newPen(); err != nil {
		return nil, err
	}
	published, err := sign.NewKeys(&s.signing.PublicKey)
	if err != nil {
		return nil, err
	}
	var listening net.ListenConfig
	listener, err := listening.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /jwks.json", func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(issuer.JWKS()) })
	mux.Handle("POST /{$}", queuesOr(kmslocal.New(sealKey).WithSigner(signKey, s.signing).WithMAC(deriveKey)))
	mux.Handle("/"+logoBucket+"/", s3local.New(logoBucket))
	server := &http.Server{ReadHeaderTimeout: time.Second, Handler: s.counted(mux)}
	go func() { _ = server.Serve(listener) }() // ends when it is closed
	s.stop = server.Close
	url := "http://" + listener.Addr().String()
	s.Env = []string{
		"ISSUER_URL=" + devissuer.URL, "JWKS_URL=" + url + "/jwks.json", "AUDIENCE=" + devissuer.Audience,
		"AWS_ENDPOINT_URL_KMS=" + url, "SEAL_KEY_ID=" + sealKey, "INTEGRITY_ISSUER=" + voucherIssuer,
		"SIGN_ISSUER=" + voucherIssuer, "SIGN_KEY_ID=" + signKey, "SIGN_JWKS=" + string(published.JWKS()), "SIGN_AUDIENCE=" + devissuer.Audience,
		"AWS_ENDPOINT_URL_S3=" + url, "LOGO_BUCKET=" + logoBucket,
		"DEAD_LETTERS_CASCADE=" + url + "/123456789012/cascade", "DEAD_LETTERS_PURGE=" + url + "/123456789012/purge",
		"DEAD_LETTERS_FOLLOW=" + url + "/123456789012/follow",
		"DERIVE_KEY_ID=" + deriveKey, "OFFICE_URL=https://office.example.it", "OFFICE_CLIENT_ID=" + devissuer.Audience, "OFFICE_TOKEN=id_token",
		"SERVICES_URL=" + url, "INTEROP_URL=" + url, "CONSUMERS_URL=" + url,
	}
	if s.sealer, err = kms.FromEnv(s.Getenv); err == nil {
		s.logos, err = s3.FromEnv(s.Getenv)
	}
	if err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

// counted counts the requests to services of AWS.
func (s *Surroundings) counted(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		service, _, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		if service == "" {
			service = r.Method + " " + strings.Split(r.URL.Path, "/")[1] // of a bucket
		}
		s.counting.Lock()
		s.calls[service]++
		s.counting.Unlock()
		next.ServeHTTP(w, r)
	})
}

// Calls returns how many requests were sent to KMS, a bucket and queues since it was called
// last.
func (s *Surroundings) Calls() (kms, bucket, queues int) {
	s.counting.Lock()
	defer s.counting.Unlock()
	for service, n := range s.calls {
		switch {
		case service == "TrentService":
			kms += n
		case service == "AmazonSQS":
			queues += n
		case strings.HasSuffix(service, " "+logoBucket):
			bucket += n
		}
	}
	clear(s.calls)
	return kms, bucket, queues
}

// queuesOr answers for empty queues; what is for another service of AWS is other's.
func queuesOr(other http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.Header.Get("X-Amz-Target"), "AmazonSQS.") {
			other.ServeHTTP(w, r)
			return
		}
		_, _ = w.Write([]byte(`{"Attributes":{"ApproximateNumberOfMessages":"0","ApproximateNumberOfMessagesNotVisible":"0"}}`))
	})
}

// Getenv returns a variable of Env.
func (s *Surroundings) Getenv(name string) string {
	for _, v := range s.Env {
		if value, ok := strings.CutPrefix(v, name+"="); ok {
			return value
		}
	}
	return ""
}

// seedAnswerKeys stores the keys that sign answers.
func (s *Surroundings) seedAnswerKeys(ctx context.Context, deps api.Deps) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.answers != nil {
		return deps.DB.Write(ctx, table.Put("answer keys", interop.IntegrityKey, s.answers))
	}
	run, err := voucher.AnswerKeys.Start(deps)
	if err != nil {
		return err
	}
	if _, err := run(ctx, nil); err != nil {
		return err
	}
	s.answers, err = deps.DB.Get(ctx, interop.IntegrityKey)
	return err
}

// Stop ends the surroundings.
func (s *Surroundings) Stop() { _ = s.stop() }

// FillKey puts the subscription's key that was seeded last into an event.
func (s *Surroundings) FillKey(event []byte) []byte {
	return bytes.ReplaceAll(event, []byte("<key>"), []byte(s.key))
}

// Fill puts the credentials into an event where it leaves room for them.
func (s *Surroundings) Fill(event []byte) []byte {
	event = s.FillKey(event)
	event = bytes.ReplaceAll(event, []byte("<token>"), []byte(s.token))
	if made, err := assert(s.pen, s.now()); err == nil { // without one the function says so
		event = bytes.ReplaceAll(event, []byte("<assertion>"), []byte(made))
	}
	if token, proof, err := bound(s.signing, s.now()); err == nil {
		event = bytes.ReplaceAll(event, []byte("<bound token>"), []byte(token))
		event = bytes.ReplaceAll(event, []byte("<proof>"), []byte(proof))
	}
	if made, err := grant(s.grantPen, s.now()); err == nil {
		event = bytes.ReplaceAll(event, []byte("<grant>"), []byte(made))
	}
	return event
}
