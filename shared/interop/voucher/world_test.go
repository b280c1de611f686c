package voucher_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"ciclo/shared/interop"
	"ciclo/shared/interop/agreement"
	"ciclo/shared/interop/attribute"
	"ciclo/shared/interop/client"
	"ciclo/shared/interop/eservice"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/interop/purpose"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/interop/voucher"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/sign"
	"ciclo/shared/platform/sign/local"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
)

type object = interoptest.Object

// issuer is what the deployment's vouchers say who issued them.
const issuer = "https://vouchers.example.it"

// signer signs the vouchers of all worlds: making a key takes its time.
var signer = sync.OnceValue(func() *sign.Signer {
	s, err := local.Open("")
	if err != nil {
		panic(err)
	}
	return s
})

// keys are private keys of clients, made once.
var keys = sync.OnceValue(func() []*rsa.PrivateKey {
	all := make([]*rsa.PrivateKey, 3)
	for i := range all {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		all[i] = key
	}
	return all
})

// suite is the operations of the whole interop product.
var suite = func() *interoptest.Suite {
	s := interoptest.New(eservice.Operations(), attribute.Operations(), tenant.Operations(), agreement.Operations(),
		purpose.Operations(), client.Operations(), voucher.Operations())
	s.Tables = []table.Schema{retention.Operations}
	s.Prepare = func(w *apitest.World) {
		w.Signer = signer()
		w.Settings["SIGN_ISSUER"] = issuer
	}
	return s
}()

// world is a deployment that issues vouchers.
type world struct{ *interoptest.World }

var (
	producer = interoptest.Organization("00000000-0000-4000-8000-000000000001", interop.RoleAdmin)
	consumer = interoptest.Organization("00000000-0000-4000-8000-000000000002", interop.RoleAdmin)
	stranger = interoptest.Organization("00000000-0000-4000-8000-000000000003", interop.RoleAdmin)
)

func each(t *testing.T, test func(w *world)) {
	t.Helper()
	suite.Each(t, func(w *interoptest.World) { test(&world{w}) })
}

func embedded(t *testing.T, test func(w *world)) {
	t.Helper()
	suite.Embedded(t, func(w *interoptest.World) { test(&world{w}) })
}

// party is a client with a key that may ask for vouchers for a purpose.
type party struct {
	offer                    interoptest.Offer
	agreement, purpose, path string // paths; that of the client
	key                      *rsa.PrivateKey
	kid                      string
}

// ready makes a client that is given a voucher when it asks for one.
func (w *world) ready() party {
	w.Helper()
	p := party{offer: w.PublishEService(producer, interoptest.Descriptor{PerConsumer: 100, Total: 1000}), key: keys()[0]}
	p.agreement = w.SubmitAgreement(consumer, p.offer)
	p.purpose = w.ActivatePurpose(consumer, p.offer, 10)
	p.path = w.client(consumer)
	p.kid = w.upload(consumer, p.path, p.key)
	w.OK(consumer, "POST", p.path+"/purposes", interoptest.JSON(object{"purposeId": p.purposeID()}))
	return p
}

// client makes a client and returns its path.
func (w *world) client(who *api.Identity) string {
	w.Helper()
	return "/clients/" + w.OK(who, "POST", "/clients", interoptest.JSON(object{
		"name":    interoptest.Unique("Client"),
		"members": []string{},
	})).Text("id")
}

// upload gives a client a key and returns its kid.
func (w *world) upload(who *api.Identity, path string, key crypto.Signer) string {
	w.Helper()
	return w.uploadsAs(who, path, key, "SIG")
}

// uploads gives a client of the consumer a key with that use and returns its kid.
func (w *world) uploads(path string, key crypto.Signer, use string) string {
	w.Helper()
	return w.uploadsAs(consumer, path, key, use)
}

func (w *world) uploadsAs(who *api.Identity, path string, key crypto.Signer, use string) string {
	w.Helper()
	der, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		w.Fatal(err)
	}
	text := base64.StdEncoding.EncodeToString(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}))
	alg := "RS256"
	if _, ok := key.(*rsa.PrivateKey); !ok {
		alg = "ES256"
	}
	res := w.OK(who, "POST", path+"/keys", interoptest.JSON(object{"key": text, "use": use, "alg": alg, "name": "A key of it"}))
	jwk, _ := res.Body["jwk"].(object)
	kid, _ := jwk["kid"].(string)
	return kid
}

func (p party) clientID() string  { return strings.TrimPrefix(p.path, "/clients/") }
func (p party) purposeID() string { return strings.TrimPrefix(p.purpose, "/purposes/") }

// claims are those of an assertion that is good at the world's time, with changes; nil
// removes one.
func (w *world) claims(p party, changes object) jwt.MapClaims {
	now := w.Clock.Now().Unix()
	m := jwt.MapClaims{
		"iss": p.clientID(), "sub": p.clientID(), "aud": issuer, "jti": uuid.NewString(), "iat": now, "exp": now + 60, "purposeId": p.purposeID(),
	}
	for name, value := range changes {
		if m[name] = value; value == nil {
			delete(m, name)
		}
	}
	return m
}

// assertion makes an assertion of a client, with changed claims.
func (w *world) assertion(p party, changes object) string {
	w.Helper()
	return w.signed(p.key, object{"kid": p.kid}, w.claims(p, changes))
}

// signed makes a JWT.
func (w *world) signed(key *rsa.PrivateKey, header object, claims jwt.MapClaims) string {
	w.Helper()
	t := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
	maps.Copy(t.Header, header)
	text, err := t.SignedString(key)
	if err != nil {
		w.Fatal(err)
	}
	return text
}

// form is a request with an assertion, with changed parameters; "" removes one.
func form(assertion string, changes map[string]string) string {
	values := url.Values{
		"client_assertion": {assertion}, "client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
		"grant_type": {"client_credentials"},
	}
	for name, value := range changes {
		if values.Set(name, value); value == "" {
			values.Del(name)
		}
	}
	return values.Encode()
}

const formType = "application/x-www-form-urlencoded"

// oauth holds an answer of the token endpoint against what OAuth clients read.
func (w *world) oauth(res apitest.Response) apitest.Response {
	w.Helper()
	if finding := apitest.OAuth(res); finding != "" {
		w.Errorf("an OAuth client cannot read %d: %s\n%s", res.Status, finding, res.Raw)
	}
	return res
}

// asks asks for a voucher.
func (w *world) asks(body string, header ...string) apitest.Response {
	w.Helper()
	return w.oauth(w.As(nil, "POST", "/token.oauth2", body, append([]string{"Content-Type", formType}, header...)...))
}

// examines has the debug tool look at a request.
func (w *world) examines(who *api.Identity, body string) apitest.Response {
	w.Helper()
	return w.As(who, "POST", "/tools/validateTokenGeneration", body, "Content-Type", formType)
}

// reasons are why a voucher is refused, in order, or the type of the one that is given.
func reasons(res apitest.Response) string {
	if res.Status == 200 {
		return res.Text("token_type")
	}
	all, _ := res.Body["errors"].([]any)
	var names []string
	for i, one := range all {
		entry, _ := one.(object)
		name, _ := entry["code"].(string)
		if i > 0 {
			names = append(names, name)
		}
	}
	return strings.Join(names, " ")
}

// found is what the debug tool says is wrong with the first step that failed, or the
// same as reasons when nothing is.
func found(res apitest.Response) string {
	all, _ := res.Body["steps"].(object)
	kind := "Bearer"
	for _, step := range []string{
		"clientAssertionValidation", "publicKeyRetrieve", "clientAssertionSignatureVerification", "purposeLinkedToClient",
		"platformStatesVerification", "dpopValidation",
	} {
		s, there := all[step].(object)
		if step == "dpopValidation" && there {
			kind = "DPoP"
		}
		if s["result"] != "FAILED" {
			continue
		}
		failures, _ := s["failures"].([]any)
		var names []string
		for _, one := range failures {
			entry, _ := one.(object)
			name, _ := entry["code"].(string)
			names = append(names, name)
		}
		return strings.Join(names, " ")
	}
	return kind
}

// notVerified is what anybody is told of an assertion that no key of the client is known
// to have signed, whatever the tool tells the owner of the client.
const notVerified = "clientAssertionSignatureVerificationError"

// public is what the endpoint says where the tool says that.
func public(tool apitest.Response) string {
	says := found(tool)
	all, _ := tool.Body["steps"].(object)
	claims, _ := all["clientAssertionValidation"].(object)
	if claims["result"] == "PASSED" && slices.ContainsFunc(strings.Fields(says),
		func(name string) bool { return slices.Contains([]string{noKey, badSign, badAlg}, name) }) {
		return notVerified
	}
	return says
}

// gets asks for a voucher and has the debug tool look at the same request first: the
// two must agree.
func (w *world) gets(p party, expected string) apitest.Response {
	w.Helper()
	w.Clock.Advance(time.Millisecond) // so that its event has a place in the list
	body := form(w.assertion(p, nil), nil)
	tool := w.examines(consumer, body)
	res := w.asks(body)
	if got := reasons(res); got != public(tool) || found(tool) != expected {
		w.Errorf("asking for a voucher comes to %q, the tool says %q, want %q\n%s", got, found(tool), expected, res.Raw)
	}
	return res
}

// payload is what a voucher says, after its signature was verified.
func (w *world) payload(res apitest.Response) object {
	w.Helper()
	token := res.Text("access_token")
	parsed, err := jwt.Parse(token, func(*jwt.Token) (any, error) {
		var set struct {
			Keys []struct{ KID, N, E string }
		}
		if err := json.Unmarshal(signer().Keys().JWKS(), &set); err != nil {
			return nil, err
		}
		return publicKey(set.Keys[0].N, set.Keys[0].E)
	}, jwt.WithValidMethods([]string{"RS256"}), jwt.WithTimeFunc(w.Clock.Now))
	if err != nil {
		w.Fatalf("the voucher does not hold: %v", err)
	}
	claims, _ := parsed.Claims.(jwt.MapClaims)
	return object(claims)
}
