package main

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"fmt"
	"net/http"

	"ciclo/shared/platform/jose"
)

const keyBits = 2048

// keySeed is the body that uploads the public half of a new key.
func (s *scene) keySeed() (seed object, key *rsa.PrivateKey) {
	if s.err != nil {
		return nil, nil
	}
	key, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		s.err = err
		return nil, nil
	}
	public, err := jose.PublicPEM(key.Public())
	if err != nil {
		s.err = err
	}
	return object{"key": base64.StdEncoding.EncodeToString(public), "use": "SIG", "alg": "RS256", "name": "Key of the portal"}, key
}

// clientSeed is the body that creates a client; its member, if any, may upload keys.
func clientSeed(by *caller) object {
	members := []string{}
	if by.user != "" {
		members = append(members, by.user)
	}
	return object{"name": "Portal of the municipality", "description": "Asks for certificates", "members": members}
}

// tellClients gives clients keys and links them to purposes.
func (s *scene) tellClients() {
	purpose := s.plan(s.agreed(), 100)
	link := object{"purposeId": purpose[len("/purposes/"):]}
	path := "/clients/" + s.create(s.consumer, "/clients", clientSeed(s.consumer))
	s.create(s.consumer, "/clients", object{"name": "Portal", "members": []string{}})
	s.get(s.consumer, path)
	s.get(s.stranger, path) // a part of it
	s.list(s.consumer, "/clients")
	s.list(s.consumer, "/clients?name=portal&consumerId="+s.consumer.id)
	s.list(s.stranger, "/clients?consumerId="+s.consumer.id)
	s.post(s.consumer, path+"/purposes", link)
	s.refused(http.StatusConflict, s.consumer, http.MethodPost, path+"/purposes", link)
	s.refused(http.StatusForbidden, s.stranger, http.MethodPost, path+"/purposes", link)
	s.list(s.consumer, path+"/purposes")
	s.list(s.consumer, path+"/purposes?states=ACTIVE")
	s.refused(http.StatusForbidden, s.stranger, http.MethodGet, path+"/purposes?offset=0&limit=50", nil)
	s.tellKeys(path)
	s.refused(http.StatusForbidden, s.stranger, http.MethodDelete, path+purpose, nil)
	s.remove(s.consumer, path+purpose)
	unwanted := "/clients/" + s.create(s.consumer, "/clients", clientSeed(s.consumer))
	s.refused(http.StatusForbidden, s.stranger, http.MethodDelete, unwanted, nil)
	s.remove(s.consumer, unwanted)
	s.refused(http.StatusNotFound, s.consumer, http.MethodGet, unwanted, nil)
}

// tellKeys uploads keys, good and bad ones.
func (s *scene) tellKeys(path string) {
	seed, key := s.keySeed()
	s.post(s.consumer, path+"/keys", seed)
	if s.err != nil {
		return
	}
	kid := jose.Thumbprint(key.Public())
	s.refused(http.StatusForbidden, s.stranger, http.MethodPost, path+"/keys", seed)
	s.refused(http.StatusConflict, s.consumer, http.MethodPost, path+"/keys", seed)
	private, err := jose.PrivatePEM(key)
	if err != nil {
		s.err = err
		return
	}
	for _, wrong := range []string{"!", "bm8ga2V5", base64.StdEncoding.EncodeToString(private)} {
		s.refused(http.StatusBadRequest, s.consumer, http.MethodPost, path+"/keys",
			object{"key": wrong, "use": "SIG", "alg": "RS256", "name": "Key of the portal"})
	}
	s.list(s.consumer, path+"/keys")
	s.refused(http.StatusForbidden, s.stranger, http.MethodGet, path+"/keys?offset=0&limit=50", nil)
	s.get(s.stranger, "/keys/"+kid)
	other, second := s.keySeed()
	other["use"] = "ENC"
	s.post(s.consumer, path+"/keys", other)
	if s.err != nil {
		return
	}
	gone := fmt.Sprintf("%s/keys/%s", path, jose.Thumbprint(second.Public()))
	s.refused(http.StatusForbidden, s.stranger, http.MethodDelete, gone, nil)
	s.remove(s.consumer, gone)
	s.refused(http.StatusNotFound, s.consumer, http.MethodDelete, gone, nil)
}
