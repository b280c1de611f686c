package voucher_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"sync"
	"testing"

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

type (
	object = interoptest.Object
	offer  = interoptest.Offer
)

// issuer is the issuer of the vouchers of the deployment.
const issuer = "https://vouchers.example.it"

// signer signs the vouchers of all deployments: making a key is slow.
var signer = sync.OnceValue(func() *sign.Signer {
	s, err := local.Open("")
	if err != nil {
		panic(err)
	}
	return s
})

// keys returns private keys of clients, made once.
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

// suite has all operations of the interop product.
var suite = func() *interoptest.Suite {
	s := interoptest.New(eservice.Operations(), attribute.Operations(), tenant.Operations(), agreement.Operations(),
		purpose.Operations(), client.Operations(), voucher.Operations())
	s.Tables = []table.Schema{retention.Operations}
	s.Prepare = func(w *apitest.World) {
		w.Signer = signer()
		w.Settings["SIGN_ISSUER"] = issuer
		w.Settings["TOKEN_RATE_INTERVAL_MS"] = "86400000" // one lease is enough, see isNoCount
	}
	return s
}()

// world is a deployment that issues vouchers.
type world struct{ *interoptest.World }

var (
	producer  = interoptest.Admin(1)
	consumer  = interoptest.Admin(2)
	stranger  = interoptest.Admin(3)
	certifier = interoptest.Certifier(4)
	reader    = interoptest.Reader(2) // the organization of consumer with the role to read
)

// each runs test on each engine.
func each(t *testing.T, test func(w *world)) {
	t.Helper()
	suite.Each(t, func(w *interoptest.World) { test(&world{w}) })
}

// embedded runs test on the embedded engine alone.
func embedded(t *testing.T, test func(w *world)) {
	t.Helper()
	suite.Embedded(t, func(w *interoptest.World) { test(&world{w}) })
}

// requester is a client with a key, and what it needs to get vouchers for a purpose.
type requester struct {
	offer     offer
	agreement string // paths
	purpose   string
	path      string // of the client
	key       *rsa.PrivateKey
	kid       string
}

func (p requester) clientID() string      { return interoptest.LastID(p.path) }
func (p requester) purposeID() string     { return interoptest.LastID(p.purpose) }
func (p requester) agreementPath() string { return p.agreement }
func (p requester) purposePath() string   { return p.purpose }

// newRequester makes a client that gets vouchers for a purpose on a new e-service.
func (w *world) newRequester() requester {
	w.Helper()
	o := w.PublishEService(producer, interoptest.Descriptor{PerConsumer: 100, Total: 1000})
	return w.newRequesterOn(o, w.SubmitAgreement(consumer, o), keys()[0])
}

// newRequesterOn makes a client with this key that gets vouchers for a new purpose on an
// e-service with an active agreement.
func (w *world) newRequesterOn(o offer, agreementPath string, key *rsa.PrivateKey) requester {
	w.Helper()
	p := requester{offer: o, agreement: agreementPath, key: key}
	p.purpose = w.ActivatePurpose(consumer, o, 10)
	p.path = w.MakeClient(consumer)
	p.kid = w.addKey(consumer, p.path, key)
	w.link(p.path, p.purposeID())
	return p
}

// link links a client of consumer to a purpose.
func (w *world) link(clientPath, purposeID string) {
	w.Helper()
	w.OK(consumer, "POST", clientPath+"/purposes", interoptest.JSON(object{"purposeId": purposeID}))
}

// addKey adds a key for signatures to a client and returns its kid.
func (w *world) addKey(caller *api.Identity, path string, key crypto.Signer) string {
	w.Helper()
	return w.addKeyWithUse(caller, path, key, "SIG")
}

// addKeyWithUse adds a key to a client and returns its kid. The use is SIG or ENC.
func (w *world) addKeyWithUse(caller *api.Identity, path string, key crypto.Signer, use string) string {
	w.Helper()
	alg := "RS256"
	if _, ok := key.(*rsa.PrivateKey); !ok {
		alg = "ES256"
	}
	text := base64.StdEncoding.EncodeToString(publicPEM(key))
	res := w.OK(caller, "POST", path+"/keys", interoptest.JSON(object{"key": text, "use": use, "alg": alg, "name": "A key"}))
	jwk, _ := res.Body["jwk"].(object)
	kid, _ := jwk["kid"].(string)
	return kid
}

// act takes actions one after the other and ends the test unless they succeed.
func (w *world) act(caller *api.Identity, path string, actions ...string) {
	w.Helper()
	for _, action := range actions {
		body := ""
		switch action {
		case "reject":
			body = `{"rejectionReason":"Troppe chiamate al giorno."}`
		case "submit":
			body = "{}"
		}
		w.OK(caller, "POST", path+"/"+action, body)
	}
}
