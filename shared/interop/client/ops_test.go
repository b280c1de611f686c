package client_test

import (
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ciclo/shared/interop"
	"ciclo/shared/interop/interoptest"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/apitest"
)

// pageOf returns the answer of a list whose entries fit in one page.
func pageOf(all ...any) object {
	return object{"results": all, "pagination": object{"offset": 0.0, "limit": 50.0, "totalCount": float64(len(all))}}
}

// checkGone checks that the only client does not exist any more.
func checkGone(w *world, id string, kids ...string) {
	w.Helper()
	w.Refused(deleteClient(w, owner, id), interop.ClientNotFound, id)
	w.Refused(w.As(ownerReader, "GET", "/clients/"+id, ""), interop.ClientNotFound, id)
	w.Refused(w.As(ownerReader, "GET", "/clients/"+id+"/keys", ""), interop.ClientNotFound, id)
	for _, kid := range kids {
		w.Refused(w.As(reader, "GET", "/keys/"+kid, ""), interop.KeyNotFound, kid)
	}
	checkConsistent(w, id, kids...)
	if got := w.As(ownerReader, "GET", "/clients", ""); interoptest.Total(got) != 0 {
		w.Errorf("still listed: %s", got.Raw)
	}
}

// TestStory makes a client, adds keys, deletes one and then the client.
func TestStory(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		user := interoptest.UnknownID()
		res := w.Want(w.As(owner, "POST", "/clients", interoptest.JSON(seed(object{
			"description": "What it is for",
			"members":     []any{user},
		}))), 200)
		id := res.Text("id")
		full := object{
			"id": id, "consumerId": owner.Subject, "name": "A client", "description": "What it is for",
			"createdAt": "2026-11-21T10:00:00.000Z",
		}
		part := object{"id": id, "consumerId": owner.Subject}
		interoptest.Equal(t, "made", full, res.Body)
		interoptest.Equal(t, "read", full, w.As(ownerReader, "GET", "/clients/"+id, "").Body)
		interoptest.Equal(t, "read by another", part, w.As(reader, "GET", "/clients/"+id, "").Body)
		interoptest.Equal(t, "listed", pageOf(full), w.As(ownerReader, "GET", "/clients", "").Body)
		interoptest.Equal(t, "listed for another", pageOf(part), w.As(reader, "GET", "/clients", "").Body)
		if got := w.Items("CLIENT#" + id)["CLIENT"]["members"]; !cmp.Equal(got, []any{user}) {
			t.Errorf("the members are %v", got)
		}

		modulus, public := modulus(2048), ecKey(elliptic.P256())
		signing := w.Want(addKey(w, owner, id, object{"key": encodeKey(&rsa.PublicKey{N: modulus, E: 65537}), "alg": "RS256"}), 200)
		w.Clock.Advance(time.Second)
		sealing := w.Want(addKey(w, owner, id, object{"key": encodeKey(public), "use": "ENC"}), 200)
		text := base64.RawURLEncoding.EncodeToString
		point, err := public.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		first := object{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": kidOf(signing), "n": text(modulus.Bytes()), "e": "AQAB"}
		second := object{
			"kty": "EC", "use": "enc", "alg": "ES256", "kid": kidOf(sealing), "crv": "P-256", "x": text(point[1:33]),
			"y": text(point[33:]),
		}
		interoptest.Equal(t, "RSA", object{"clientId": id, "jwk": first}, signing.Body)
		interoptest.Equal(t, "EC", object{"clientId": id, "jwk": second}, sealing.Body)
		listed := func(key object, at string) object {
			entry := maps.Clone(key)
			entry["name"], entry["createdAt"] = "A key", at
			return entry
		}
		later := listed(second, "2026-11-21T10:00:01.000Z")
		both := pageOf(listed(first, "2026-11-21T10:00:00.000Z"), later)
		interoptest.Equal(t, "keys", both, w.As(ownerReader, "GET", "/clients/"+id+"/keys", "").Body)
		interoptest.Equal(t, "a key", object{"clientId": id, "jwk": second}, w.As(reader, "GET", "/keys/"+kidOf(sealing), "").Body)
		record := w.Items("CLIENT#" + id)["KEY#"+kidOf(sealing)]
		if record["name"] != "A key" || record["createdAt"] != "2026-11-21T10:00:01.000Z" || !cmp.Equal(record["jwk"], any(second)) {
			t.Errorf("stored is %v", record)
		}

		interoptest.Equal(t, "deleted a key", object{}, w.Want(deleteKey(w, owner, id, kidOf(signing)), 200).Body)
		interoptest.Equal(t, "keys", pageOf(later), w.As(ownerReader, "GET", "/clients/"+id+"/keys", "").Body)
		w.Refused(w.As(reader, "GET", "/keys/"+kidOf(signing), ""), interop.KeyNotFound, kidOf(signing))
		checkConsistent(w, id, kidOf(signing), kidOf(sealing))
		interoptest.Equal(t, "deleted", object{}, w.Want(deleteClient(w, owner, id), 200).Body)
		checkGone(w, id, kidOf(signing), kidOf(sealing))
	})
}

// TestRefusals checks the refusals in their published order: the client does not exist, its
// owner is another, it has too many keys, the key.
func TestRefusals(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		id, missing := createClient(w, owner, nil), interoptest.UnknownID()
		key := object{"key": encodeKey(ecKey(elliptic.P256()))}
		kid := kidOf(w.Want(addKey(w, owner, id, key), 200))
		for _, bad := range []object{nil, {"key": "?"}, {"alg": "RS256"}, key} {
			w.Refused(addKey(w, owner, missing, bad), interop.ClientNotFound, missing)
			w.Refused(addKey(w, other, id, bad), interop.NotTheClientOwner, id)
		}
		for _, kid := range []string{kid, "x", strings.Repeat("x", 2000)} {
			w.Refused(deleteKey(w, owner, missing, kid), interop.ClientNotFound, missing)
			w.Refused(deleteKey(w, other, id, kid), interop.NotTheClientOwner, id)
		}
		w.Refused(deleteClient(w, other, id), interop.NotTheClientOwner, id)
		w.Refused(deleteClient(w, owner, missing), interop.ClientNotFound, missing)
		w.Refused(w.As(reader, "GET", "/clients/"+id+"/keys", ""), interop.NotTheClientOwner, id)
		w.Refused(w.As(reader, "GET", "/clients/"+missing+"/keys", ""), interop.ClientNotFound, missing)
		w.Refused(w.As(reader, "GET", "/clients/"+missing, ""), interop.ClientNotFound, missing)
		elsewhere := createClient(w, owner, nil)
		for _, unknown := range []string{strings.Repeat("x", 43), "x", strings.Repeat("x", 2000), kid[1:] + "%20"} {
			named := strings.ReplaceAll(unknown, "%20", " ")
			w.Refused(deleteKey(w, owner, id, unknown), interop.ClientKeyNotFound, named, id)
			w.Refused(w.As(reader, "GET", "/keys/"+unknown, ""), interop.KeyNotFound, named)
		}
		w.Refused(deleteKey(w, owner, elsewhere, kid), interop.ClientKeyNotFound, kid, elsewhere)
		foreign := createClient(w, other, nil)
		for id, caller := range map[string]*api.Identity{id: owner, elsewhere: owner, foreign: other} {
			w.Refused(addKey(w, caller, id, key), interop.KeyAlreadyExists, kid)
			checkConsistent(w, id, kid)
		}
		// After its deletion another client may have the key.
		w.Want(deleteKey(w, owner, id, kid), 200)
		w.Refused(deleteKey(w, owner, id, kid), interop.ClientKeyNotFound, kid)
		w.Want(addKey(w, other, foreign, key), 200)
		w.Want(deleteClient(w, other, foreign), 200)
		w.Want(addKey(w, owner, elsewhere, key), 200)
	})
}

// TestMostKeys adds as many keys to a client as it may have, and one more.
func TestMostKeys(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		id := createClient(w, owner, nil)
		var kids []string
		for range 100 {
			kids = append(kids, createKey(w, owner, id))
			w.Clock.Advance(time.Millisecond)
		}
		for _, more := range []object{nil, {"key": "?"}} {
			w.Refused(addKey(w, owner, id, more), interop.TooManyKeys, id, "100")
		}
		w.Pages(ownerReader, "/clients/"+id+"/keys", "kid", kids)
		w.Want(deleteKey(w, owner, id, kids[0]), 200)
		createKey(w, owner, id)
		w.Refused(addKey(w, owner, id, nil), interop.TooManyKeys, id)
		checkConsistent(w, id, kids...)
	})
}

// TestOrderOfKeys lists keys that were added at the same time, in the order of kids.
func TestOrderOfKeys(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		id := createClient(w, owner, nil)
		storeLinks(w, id, 2)
		for range 5 {
			createKey(w, owner, id)
		}
		kids := interoptest.Members(w.As(ownerReader, "GET", "/clients/"+id+"/keys", ""), "kid")
		for i := 1; i < 5; i++ {
			if kids[i-1] >= kids[i] {
				t.Errorf("the keys are %v", kids)
			}
		}
		w.BadPages(ownerReader, "/clients/"+id+"/keys")
	})
}

// checkStored checks that a client was made and stored with a value of a member, and that
// reading it returns the same as making it.
func checkStored(w *world, res apitest.Response, member, value string) {
	w.Helper()
	var want any
	if err := json.Unmarshal([]byte(value), &want); err != nil || res.Status != 200 {
		w.Fatalf("%s %.40s = %d %s", member, value, res.Status, res.Raw)
	}
	if got := w.Items("CLIENT#" + res.Text("id"))["CLIENT"][member]; !cmp.Equal(got, want) {
		w.Errorf("%s %.40s is stored as %v", member, value, got)
	}
	if got := w.As(ownerReader, "GET", "/clients/"+res.Text("id"), ""); !cmp.Equal(got.Body, res.Body) || member != "members" &&
		got.Body[member] != want {
		w.Errorf("%s %.40s is read as %s", member, value, got.Raw)
	}
}

func TestFields(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		all := requests(w)
		users := func(n int) string {
			ids := make([]string, n)
			for i := range ids {
				ids[i] = interoptest.UnknownID()
			}
			return interoptest.JSON(ids)
		}
		w.Accepts(all["client/create"], func() object { return seed(nil) }, "name members", map[string]interoptest.Field{
			"name": interoptest.Text(5, 60), "description": interoptest.Text(10, 250),
			"members": {Good: []string{`[]`, users(1), users(1000)}, Bad: []string{`null`, `"x"`, `1`, `{}`, `["x"]`, `[null]`, `[1]`, users(1001)}},
		}, func(res apitest.Response, member, value string) {
			checkStored(w, res, member, value)
		})
		w.Accepts(all["client/add-key"], func() object { return keySeed(nil) }, "key use alg name", map[string]interoptest.Field{
			"key":  {Bad: []string{`null`, `1`, `{}`, `["x"]`}},
			"use":  {Good: []string{`"SIG"`, `"ENC"`}, Bad: []string{`"sig"`, `""`, `null`, `1`, `"SIG,ENC"`}},
			"alg":  {Good: []string{`"ES256"`}, Bad: []string{`"RS256"`, `"es256"`, `""`, `"none"`, `"HS256"`, `"ES384"`, `null`, `1`}},
			"name": interoptest.Text(5, 60),
		}, func(res apitest.Response, member, value string) {
			if res.Status != 200 || member != "name" && !strings.Contains(strings.ToUpper(res.Raw), value) {
				t.Errorf("%s %.40s = %d %s", member, value, res.Status, res.Raw)
			}
		})
		rsaAs := func(alg string) apitest.Response {
			return addKey(w, owner, strings.Split(all["client/add-key"].At, "/")[2], object{"key": rsaKey(2048, 3), "alg": alg})
		}
		for _, alg := range []string{"ES256", "RS512", "PS256", "rs256", "none", ""} {
			if res := rsaAs(alg); interoptest.CodeOf(res) != interop.BadRequest.Name || !strings.Contains(res.Raw, `"body.alg: expected RS256`) {
				t.Errorf("RSA with %q: %s", alg, res.Raw)
			}
		}
		w.Want(rsaAs("RS256"), 200)
		for _, r := range all {
			if bad := strings.Replace(r.At, "/clients/", "/clients/x", 1); bad != r.At {
				w.Refused(w.As(r.As, r.Method, bad, r.Body), interop.BadRequest)
			}
		}
		w.BadPages(ownerReader, "/clients")
		w.Refused(w.As(ownerReader, "GET", "/clients?consumerId=x", ""), interop.BadRequest)
	})
}

func TestRoles(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		w.Succeed(requests(w))
		stored := func() any {
			listed := listedIn(w, "CLIENTS")
			all := []any{listed, listedIn(w, "CLIENTS#"+owner.Subject), listedIn(w, "CLIENTS_API#"+owner.Subject)}
			for _, id := range slices.Sorted(maps.Keys(listed)) {
				all = append(all, w.Items("CLIENT#"+id))
			}
			return all
		}
		var key interoptest.Request
		w.Roles(func() map[string]interoptest.Request {
			all := requests(w)
			key = all["key/get"] // which accepts any kid
			delete(all, "key/get")
			return all
		}, stored, nil)
		for _, role := range []string{interop.RoleReader, interop.RoleAdmin, interop.RoleCertifier} {
			w.Want(w.Send(key.By(interoptest.Organization(interoptest.UnknownID(), role))), 200)
		}
		w.Refused(w.Send(key.By(interoptest.Organization(owner.Subject))), interop.OperationForbidden)
		w.Refused(w.Send(key.By(nil)), interop.TokenNotValid)
	})
}

func TestDeclaredCodes(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		id, full := createClient(w, owner, nil), createClient(w, owner, nil)
		taken := object{"key": encodeKey(ecKey(elliptic.P256()))}
		w.Want(addKey(w, owner, id, taken), 200)
		for range 100 {
			createKey(w, owner, full)
		}
		w.DeclaredCodes(requests(w), func(r interoptest.Request) []apitest.Response {
			answers := []apitest.Response{w.Send(r.By(interoptest.Organization(r.As.Subject, "admin")))}
			if r.ID == "key/get" {
				return append(answers, w.As(reader, "GET", "/keys/x", ""))
			}
			if parts := strings.Split(r.At, "/"); len(parts) > 2 {
				answers = append(answers, w.Send(r.Replace(parts[2][:36], interoptest.UnknownID())))
				if r.ID != "client/get" {
					answers = append(answers, w.Send(r.By(interoptest.Organization(interoptest.UnknownID(), r.As.Scopes...))))
				}
			}
			switch r.ID {
			case "client/get":
				answers = append(answers, w.As(owner, "GET", "/clients/"+createAPIClient(w, owner, nil), ""))
			case "client/create", "client/create-api":
				user := interoptest.UnknownID()
				r.Body = interoptest.JSON(seed(object{"members": []any{user, user}}))
				answers = append(answers, w.Send(r))
			case "client/delete-key":
				answers = append(answers, deleteKey(w, owner, id, "x"))
			case "client/add-key":
				answers = append(answers, addKey(w, owner, full, nil), addKey(w, owner, id, taken))
				for _, h := range badKeys() {
					answers = append(answers, addKey(w, owner, id, object{"key": h.key}))
				}
				plain := createUser(w, owner, "api")
				s, by := strict(w, owner, plain)
				answers = append(answers, addKey(s, by, id, nil), addKey(s, by, createClient(w, owner, object{"members": []any{plain}}), nil))
			}
			return answers
		})
	})
}

// TestThumbprint adds the key of the example in RFC 7638, 3.1.
func TestThumbprint(t *testing.T) {
	t.Parallel()
	embedded(t, func(w *world) {
		const n = "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64t" +
			"Z_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbO" +
			"pbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
		raw, err := base64.RawURLEncoding.DecodeString(n)
		if err != nil {
			t.Fatal(err)
		}
		res := w.Want(addKey(w, owner, createClient(w, owner, nil), object{
			"key": encodeKey(&rsa.PublicKey{N: new(big.Int).SetBytes(raw), E: 65537}),
			"alg": "RS256",
		}), 200)
		if got := kidOf(res); got != "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs" {
			t.Errorf("kid = %s", got)
		}
	})
}
