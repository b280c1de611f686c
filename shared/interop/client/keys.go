package client

import (
	"context"
	"slices"
	"strings"

	"ciclo/shared/interop"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/jose"
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

// IsForSigning reports whether the key was uploaded for signatures.
func (c *Credential) IsForSigning() bool { return c.JWK.Use == "sig" }

// holder says which client has a key.
type holder struct {
	ClientID string `dynamodbav:"clientId"`
	JWK      JWK    `dynamodbav:"jwk"`
}

// Labels of the steps of a transaction, next to LabelClient.
const (
	labelKey    = "key"
	labelHolder = "holder"
)

// addKey adds a key to a client of the caller. A key can be added once, to one client. What
// is wrong with a key is answered to the owner of the client alone.
func (s *Store) addKey(ctx context.Context, in *AddKeyInput) (*holder, error) {
	if api.IsStrict(ctx) {
		return s.addKeyAsMember(ctx, in)
	}
	id := in.ClientID
	caller := interop.Caller(ctx)
	key, invalid := in.jwk(jose.RS256, jose.ES256)
	if invalid != nil {
		c, err := s.find(ctx, id)
		if err == nil {
			err = requireRoom(c, id, caller)
		}
		if err == nil {
			err = invalid
		}
		return nil, err
	}
	h := &holder{ClientID: id, JWK: *key}
	err := s.db.Write(ctx, append(s.keySteps(h, in.Body.Name), ChangeStep(id, caller, 1, roomForKey()))...)
	refused := table.AsRefused(err)
	if refused == nil {
		return h, err
	}
	if refusal := clientRefusal(refused, func(c *Client) error { return requireRoom(c, id, caller) }); refusal != nil {
		return nil, refusal
	}
	return nil, alreadyExists(h)
}

// keySteps returns the steps that store a key. They refuse a key that a client has.
func (s *Store) keySteps(h *holder, name string) []table.Step {
	credential := Credential{KID: h.JWK.ID, Name: name, CreatedAt: table.Stamp(s.now()), JWK: h.JWK}
	return []table.Step{
		table.Put(labelKey, CredentialKey(h.ClientID, h.JWK.ID), credential),
		table.Put(labelHolder, holderKey(h.JWK.ID), *h, table.NotExists()),
	}
}

func alreadyExists(h *holder) error {
	return problem.New(interop.KeyAlreadyExists, "Key %s already exists", h.JWK.ID)
}

// requireRoom returns TooManyKeys when a client of the organization has no room for another
// key, and the refusals of [RequireOwner].
func requireRoom(c *Client, id, organization string) error {
	if err := RequireOwner(c, id, organization); err != nil {
		return err
	}
	if !c.hasRoomForKey() {
		return problem.New(interop.TooManyKeys, "Client %s has %d keys, the most it may have.", id, c.Keys)
	}
	return nil
}

// clientRefusal returns what require says of the client with which [ChangeStep] refused a
// transaction, nil when that step did not refuse.
func clientRefusal(refused *table.Refused, require func(*Client) error) error {
	item, ok := refused.By(LabelClient)
	if !ok {
		return nil
	}
	c, err := table.As[Client](item)
	if err != nil {
		return err
	}
	return require(c)
}

// deleteKey removes a key from a client of the caller. It may be added again.
func (s *Store) deleteKey(ctx context.Context, in *ClientKeyInput) error {
	id := in.ClientID
	caller := interop.Caller(ctx)
	missing := problem.New(interop.ClientKeyNotFound, "Key %s not found in client %s", in.KeyID, id)
	if !isKid(in.KeyID) {
		c, err := s.find(ctx, id)
		if err == nil {
			err = RequireOwner(c, id, caller)
		}
		if err == nil {
			err = missing
		}
		return err
	}
	err := s.db.Write(ctx,
		ChangeStep(id, caller, -1),
		table.Delete(labelKey, CredentialKey(id, in.KeyID), table.Exists()),
		table.Delete(labelHolder, holderKey(in.KeyID)),
	)
	refused := table.AsRefused(err)
	if refused == nil {
		return err
	}
	if refusal := clientRefusal(refused, func(c *Client) error { return RequireOwner(c, id, caller) }); refusal != nil {
		return refusal
	}
	return missing
}

// listKeys returns the keys of a client of the caller, oldest first, then by kid.
func (s *Store) listKeys(ctx context.Context, id string) ([]*Credential, error) {
	var c *Client
	var all []*Credential
	// "$" sorts right after "#": the query has the client and its keys, and not the links.
	q := table.Query{Table: interop.Table.Name, PK: clientPK(id), From: clientSK, To: "KEY$", Consistent: true}
	err := table.All(ctx, s.db, q, func(item table.Item) error {
		sk, err := sortKey(item)
		switch {
		case err != nil:
			return err
		case sk == clientSK:
			c, err = table.As[Client](item)
		default: // a mark is there only without a client, and then the call is refused
			var k *Credential
			k, err = table.As[Credential](item)
			all = append(all, k)
		}
		return err
	})
	if err == nil {
		err = RequireOwner(c, id, interop.Caller(ctx))
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

// getKey reads a key of any client.
func (s *Store) getKey(ctx context.Context, kid string) (*holder, error) {
	missing := problem.New(interop.KeyNotFound, "Key %s not found", kid)
	if !isKid(kid) {
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
