package client

import (
	"context"
	"slices"
	"strings"

	"ciclo/shared/interop"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/table"
)

// maxKeys is how many keys a client may have (PDND).
const maxKeys = 100

// Credential is a key of a client.
type Credential struct {
	KID       string `dynamodbav:"kid"`
	Name      string `dynamodbav:"name"`
	CreatedAt string `dynamodbav:"createdAt"`
	JWK       JWK    `dynamodbav:"jwk"`
}

// Signs tells whether the key was uploaded for signatures.
func (c *Credential) Signs() bool { return c.JWK.Use == "sig" }

// holder tells whose a key is.
type holder struct {
	ClientID string `dynamodbav:"clientId"`
	JWK      JWK    `dynamodbav:"jwk"`
}

// Labels of the steps of a transaction, besides LabelClient.
const (
	labelKey    = "key"
	labelHolder = "holder"
)

// addKey gives a key to a client of the caller. A key is somebody's once.
func (s *Store) addKey(ctx context.Context, in *AddKeyInput) (*holder, error) {
	id, caller := in.ClientID, interop.Caller(ctx)
	key, invalid := in.jwk()
	if invalid != nil {
		c, err := s.find(ctx, id)
		if err == nil {
			err = takesKey(c, id, caller)
		}
		if err == nil { // only the owner is told what is wrong with the key
			err = invalid
		}
		return nil, err
	}
	h := &holder{ClientID: id, JWK: *key}
	err := s.db.Write(ctx,
		Changed(id, caller, 1, table.Below("keys", maxKeys)),
		table.Put(labelKey, CredentialKey(id, key.ID), Credential{KID: key.ID, Name: in.Body.Name, CreatedAt: table.Stamp(s.now()), JWK: *key}),
		table.Put(labelHolder, holderKey(key.ID), *h, table.NotExists()),
	)
	refused := table.AsRefused(err)
	if refused == nil {
		return h, err
	}
	if refusal := byClient(refused, func(c *Client) error { return takesKey(c, id, caller) }); refusal != nil {
		return nil, refusal
	}
	return nil, problem.New(interop.KeyAlreadyExists, "Key %s already exists", key.ID)
}

// takesKey is why a client of that id takes no key of an organization, nil for none.
func takesKey(c *Client, id, organization string) error {
	if err := Refusal(c, id, organization); err != nil {
		return err
	}
	if c.Keys >= maxKeys {
		return problem.New(interop.TooManyKeys, "Client %s has %d keys, the most it may have.", id, c.Keys)
	}
	return nil
}

// byClient is what why says of the client when the step of [Changed] refused, nil
// when it did not.
func byClient(refused *table.Refused, why func(*Client) error) error {
	item, ok := refused.By(LabelClient)
	if !ok {
		return nil
	}
	c, err := table.As[Client](item)
	if err != nil {
		return err
	}
	return why(c)
}

// deleteKey takes a key from a client of the caller; it may be uploaded again.
func (s *Store) deleteKey(ctx context.Context, in *ClientKeyInput) error {
	id, caller := in.ClientID, interop.Caller(ctx)
	missing := problem.New(interop.ClientKeyNotFound, "Key %s not found in client %s", in.KeyID, id)
	if !kidPattern.MatchString(in.KeyID) {
		c, err := s.find(ctx, id)
		if err == nil {
			err = Refusal(c, id, caller)
		}
		if err == nil {
			err = missing
		}
		return err
	}
	err := s.db.Write(ctx,
		Changed(id, caller, -1),
		table.Delete(labelKey, CredentialKey(id, in.KeyID), table.Exists()),
		table.Delete(labelHolder, holderKey(in.KeyID)),
	)
	refused := table.AsRefused(err)
	if refused == nil {
		return err
	}
	if refusal := byClient(refused, func(c *Client) error { return Refusal(c, id, caller) }); refusal != nil {
		return refusal
	}
	return missing
}

// listKeys returns the keys of a client of the caller, oldest first, then by kid.
func (s *Store) listKeys(ctx context.Context, id string) ([]*Credential, error) {
	var c *Client
	var all []*Credential
	// "$" comes right after "#": up to the keys, without the links.
	q := table.Query{Table: interop.Table.Name, PK: clientPK(id), From: clientSK, To: "KEY$", Consistent: true}
	err := table.All(ctx, s.db, q, func(item table.Item) error {
		sk, err := sortKey(item)
		switch {
		case err != nil:
			return err
		case sk == clientSK:
			c, err = table.As[Client](item)
		default: // without the client nobody is told of it
			var k *Credential
			k, err = table.As[Credential](item)
			all = append(all, k)
		}
		return err
	})
	if err == nil {
		err = Refusal(c, id, interop.Caller(ctx))
	}
	slices.SortFunc(all, func(a, b *Credential) int {
		return strings.Compare(a.CreatedAt+a.KID, b.CreatedAt+b.KID)
	})
	return all, err
}

func sortKey(item table.Item) (string, error) {
	var at struct {
		SK string `dynamodbav:"sk"`
	}
	err := table.Decode(item, &at)
	return at.SK, err
}

// getKey reads a key, whoever has it.
func (s *Store) getKey(ctx context.Context, kid string) (*holder, error) {
	missing := problem.New(interop.KeyNotFound, "Key %s not found", kid)
	if !kidPattern.MatchString(kid) {
		return nil, missing
	}
	item, err := s.db.Get(ctx, holderKey(kid))
	if err != nil {
		return nil, err
	}
	h, err := table.As[holder](item)
	if err == nil && h == nil {
		err = missing
	}
	return h, err
}
