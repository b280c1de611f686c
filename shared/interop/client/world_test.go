package client_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"maps"
	"math/big"
	"testing"

	"github.com/google/uuid"

	"ciclo/shared/interop"
	"ciclo/shared/interop/client"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/apitest"
)

type (
	world  = interoptest.World
	object = interoptest.Object
)

var (
	suite  = interoptest.New(client.Operations())
	owner  = interoptest.Organization("00000000-0000-4000-8000-000000000001", interop.RoleAdmin)
	other  = interoptest.Organization("00000000-0000-4000-8000-000000000002", interop.RoleAdmin)
	reader = interoptest.Organization("00000000-0000-4000-8000-000000000003", interop.RoleReader)
	// home is the owner, who reads.
	home = interoptest.Organization(owner.Subject, interop.RoleReader)
)

func each(t *testing.T, test func(w *world)) {
	t.Helper()
	suite.Each(t, test)
}

// embedded is each without DynamoDB Local.
func embedded(t *testing.T, test func(w *world)) {
	t.Helper()
	suite.Embedded(t, test)
}

func nobody() string { return uuid.NewString() }

// seed is a new client with changes.
func seed(changes object) object {
	s := object{"name": "A client", "members": []any{}}
	maps.Copy(s, changes)
	return s
}

// made is the id of a new client.
func made(w *world, as *api.Identity, changes object) string {
	w.Helper()
	return w.Want(w.As(as, "POST", "/clients", interoptest.JSON(seed(changes))), 200).Text("id")
}

// ec is a new key on a curve.
func ec(curve elliptic.Curve) *ecdsa.PublicKey {
	key, err := ecdsa.GenerateKey(curve, rand.Reader)
	if err != nil {
		panic(err)
	}
	return &key.PublicKey
}

// modulus is a number of so many bits, odd, that looks like a modulus.
func modulus(bits int) *big.Int {
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), uint(bits)))
	if err != nil {
		panic(err)
	}
	return n.SetBit(n, bits-1, 1).SetBit(n, 0, 1)
}

// spki is a public key in DER.
func spki(public any) []byte {
	der, err := x509.MarshalPKIXPublicKey(public)
	if err != nil {
		panic(err)
	}
	return der
}

func pemOf(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

func b64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// sent is a public key as clients send it.
func sent(public any) string { return b64(pemOf("PUBLIC KEY", spki(public))) }

func rsaKey(bits, exponent int) string {
	return sent(&rsa.PublicKey{N: modulus(bits), E: exponent})
}

// keySeed is a new EC key with changes.
func keySeed(changes object) object {
	s := object{"use": "SIG", "alg": "ES256", "name": "A key"}
	if _, ok := changes["key"]; !ok {
		s["key"] = sent(ec(elliptic.P256()))
	}
	maps.Copy(s, changes)
	return s
}

func addKey(w *world, as *api.Identity, id string, changes object) apitest.Response {
	w.Helper()
	return w.As(as, "POST", "/clients/"+id+"/keys", interoptest.JSON(keySeed(changes)))
}

// kidOf is the kid of a key that was added.
func kidOf(res apitest.Response) string {
	jwk, _ := res.Body["jwk"].(object)
	return fmt.Sprint(jwk["kid"])
}

// keyed is the kid of a new key of a client.
func keyed(w *world, as *api.Identity, id string) string {
	w.Helper()
	return kidOf(w.Want(addKey(w, as, id, nil), 200))
}

func remove(w *world, as *api.Identity, id string) apitest.Response {
	w.Helper()
	return w.As(as, "DELETE", "/clients/"+id, "")
}

func removeKey(w *world, as *api.Identity, id, kid string) apitest.Response {
	w.Helper()
	return w.As(as, "DELETE", "/clients/"+id+"/keys/"+kid, "")
}

// link gives a client n links to purposes, as those who link them do.
func link(w *world, id string, n int) {
	w.Helper()
	for range n {
		err := w.Tap.DB.Write(w.Context(), client.ChangeStep(id, owner.Subject, 0),
			table.Put("link", interop.Key("CLIENT#"+id, "PURPOSE#"+nobody()), object{"at": "x"}))
		if err != nil {
			w.Fatal(err)
		}
	}
}

// holderOf is the client that has a key, "" for none.
func holderOf(w *world, kid string) string {
	w.Helper()
	id, _ := w.Items("KEY#" + kid)["KEY"]["clientId"].(string)
	return id
}

// audit holds what is stored of a client against itself: everything is there or
// nothing is, and its keys are as many as it says.
func audit(w *world, id string, kids ...string) {
	w.Helper()
	items := w.Items("CLIENT#" + id)
	root := items["CLIENT"]
	keys := 0.0
	for sk := range items {
		if len(sk) == 47 && sk[:4] == "KEY#" {
			keys++
			if holderOf(w, sk[4:]) != id {
				w.Errorf("client %s has the key %s, which says %q", id, sk, holderOf(w, sk[4:]))
			}
		}
	}
	_, listed := w.Items("CLIENTS")[id]
	if (root != nil) != listed || root == nil && len(items) > 0 || root != nil && root["keys"] != keys {
		w.Errorf("of client %s there is %v, listed: %t", id, items, listed)
	}
	for _, kid := range kids {
		if _, has := items["KEY#"+kid]; !has && holderOf(w, kid) == id {
			w.Errorf("the key %s says that it is of %s, which does not have it", kid, id)
		}
	}
	for sk, entry := range w.Items("CLIENTS#" + owner.Subject) {
		if entry["id"] == id && root == nil {
			w.Errorf("the entry %s is of no client", sk)
		}
	}
}

// requests is a request for each operation.
func requests(w *world) map[string]interoptest.Request {
	w.Helper()
	id, gone := made(w, owner, nil), made(w, owner, nil)
	kid, lost := keyed(w, owner, id), keyed(w, owner, id)
	return w.Requests(map[string]interoptest.Request{
		"client/create":     {As: owner, At: "/clients", Body: interoptest.JSON(seed(nil))},
		"client/list":       {As: home, At: "/clients?limit=2&offset=0"},
		"client/get":        {As: home, At: "/clients/" + id},
		"client/delete":     {As: owner, At: "/clients/" + gone},
		"client/list-keys":  {As: home, At: "/clients/" + id + "/keys?limit=3"},
		"client/add-key":    {As: owner, At: "/clients/" + id + "/keys", Body: interoptest.JSON(keySeed(nil))},
		"client/delete-key": {As: owner, At: "/clients/" + id + "/keys/" + lost},
		"key/get":           {As: reader, At: "/keys/" + kid},
	})
}
