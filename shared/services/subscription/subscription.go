// Package subscription keeps the subscriptions that allow callers into the services product,
// with two keys each. A manage subscription belongs to an owner or to one of its groups, a
// service subscription to one service (App IO, manage API).
//
// A key is "<subscription id>.<secret>". It is checked by its hash. It is also stored
// encrypted with a data key of the subscription, so that its owner can read it again.
package subscription

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/form"
	"ciclo/shared/platform/seal"
	"ciclo/shared/platform/table"
	"ciclo/shared/services"
)

// stateActive is the state of a subscription with valid keys.
const stateActive = "active"

// KeyType names one of a subscription's keys.
type KeyType string

// The keys of a subscription. Both are valid, so that one can be replaced while the other is
// in use.
const (
	Primary   KeyType = "primary"
	Secondary KeyType = "secondary"
)

// Keys are the keys of a subscription, in clear.
type Keys struct {
	PrimaryKey   string `json:"primary_key" minLength:"1" doc:"One of the two keys"`
	SecondaryKey string `json:"secondary_key" minLength:"1" doc:"The other one, for rotation"`
}

// Subscription is a subscription as stored.
type Subscription struct {
	ID       string   `dynamodbav:"id"`
	Owner    string   `dynamodbav:"owner"`
	Kind     string   `dynamodbav:"kind"` // services.KindManage or services.KindService
	Group    string   `dynamodbav:"group,omitempty"`
	Scopes   []string `dynamodbav:"scopes"` // permission groups
	Networks []string `dynamodbav:"networks,omitempty"`
	UsageKey string   `dynamodbav:"usageKey,omitempty"`
	State    string   `dynamodbav:"state"`
	// CreatedAt is when it was made; earlier releases did not keep it.
	CreatedAt string `dynamodbav:"createdAt,omitempty"`
	Version   int64  `dynamodbav:"version"`
	DataKey   []byte `dynamodbav:"dataKey"` // as the sealer wrapped it

	PrimaryHash   string `dynamodbav:"primaryHash"`
	SecondaryHash string `dynamodbav:"secondaryHash"`
	Primary       []byte `dynamodbav:"primary"` // sealed
	Secondary     []byte `dynamodbav:"secondary"`
}

// Key returns the key of the item of a subscription.
func Key(id string) table.Key {
	return table.Key{Table: services.Table.Name, PK: "SUB#" + id, SK: "SUBSCRIPTION"}
}

// listPK is the partition of the entries of manage subscriptions, with their ids as sort keys.
const listPK = "SUBSCRIPTIONS"

// listKey returns the key of the entry of a manage subscription.
func listKey(id string) table.Key {
	return table.Key{Table: services.Table.Name, PK: listPK, SK: id}
}

// idForm is the form of the ids of subscriptions, owners and groups.
const idForm = `[A-Za-z0-9_-]{1,80}`

func isID(text string) bool { return form.Is(text, 1, 80, form.Base64URL) }

const secretBytes = 32

// KeyPattern is the form of a key: id and secret, the latter 32 bytes in base64url. API
// Gateway refuses other headers without starting the authorizer, so the pattern is anchored
// and in the syntax that Go and Java have in common.
const KeyPattern = `^` + idForm + `\.[A-Za-z0-9_-]{43}$`

// Vault makes, reads and replaces keys.
type Vault struct {
	sealer  seal.Sealer
	entropy io.Reader
}

// NewVault returns the vault of a deployment.
func NewVault(deps api.Deps) Vault { return Vault{sealer: deps.Sealer, entropy: deps.Entropy} }

// New returns s as an active subscription in its first version, with two new keys.
func (v Vault) New(ctx context.Context, s Subscription) (*Subscription, Keys, error) {
	dataKey, err := v.sealer.NewKey(ctx, s.ID)
	if err != nil {
		return nil, Keys{}, err
	}
	s.State = stateActive
	s.Version = 1
	s.DataKey = dataKey.Wrapped
	for _, which := range []KeyType{Primary, Secondary} {
		if err := v.renew(&s, dataKey, which); err != nil {
			return nil, Keys{}, err
		}
	}
	keys, err := s.reveal(dataKey)
	return &s, keys, err
}

// Reveal returns the keys of s in clear.
func (v Vault) Reveal(ctx context.Context, s *Subscription) (Keys, error) {
	dataKey, err := v.sealer.OpenKey(ctx, s.ID, s.DataKey)
	if err != nil {
		return Keys{}, err
	}
	return s.reveal(dataKey)
}

// Rotate returns the next version of s, in which one key is new, and both keys in clear.
func (v Vault) Rotate(ctx context.Context, s *Subscription, which KeyType) (*Subscription, Keys, error) {
	dataKey, err := v.sealer.OpenKey(ctx, s.ID, s.DataKey)
	if err != nil {
		return nil, Keys{}, err
	}
	next := *s
	next.Version++
	if err := v.renew(&next, dataKey, which); err != nil {
		return nil, Keys{}, err
	}
	keys, err := next.reveal(dataKey)
	return &next, keys, err
}

func (s *Subscription) reveal(dataKey *seal.DataKey) (keys Keys, err error) {
	if keys.PrimaryKey, err = dataKey.Open(string(Primary), s.Primary); err != nil {
		return Keys{}, err
	}
	if keys.SecondaryKey, err = dataKey.Open(string(Secondary), s.Secondary); err != nil {
		return Keys{}, err
	}
	return keys, nil
}

// renew replaces one key of s by a random one, encrypted with dataKey.
func (v Vault) renew(s *Subscription, dataKey *seal.DataKey, which KeyType) error {
	secret := make([]byte, secretBytes)
	if _, err := io.ReadFull(v.entropy, secret); err != nil {
		return fmt.Errorf("randomness: %w", err)
	}
	key := s.ID + "." + base64.RawURLEncoding.EncodeToString(secret)
	sealed, err := dataKey.Seal(string(which), key)
	if err != nil {
		return err
	}
	if which == Primary {
		s.Primary = sealed
		s.PrimaryHash = hash(key)
	} else {
		s.Secondary = sealed
		s.SecondaryHash = hash(key)
	}
	return nil
}

// hasKey reports whether key is one of the subscription's. It takes the same time for every
// key of the same length.
func (s *Subscription) hasKey(key string) bool {
	h := []byte(hash(key))
	primary := subtle.ConstantTimeCompare(h, []byte(s.PrimaryHash))
	secondary := subtle.ConstantTimeCompare(h, []byte(s.SecondaryHash))
	return primary|secondary == 1
}

// hash returns the hash that is stored of a key. A key has 256 random bits, so the hash needs
// no salt and no stretching.
func hash(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:])
}

// subscriptionID returns the subscription that a key names; false when it is not a key.
func subscriptionID(key string) (string, bool) {
	id, secret, ok := strings.Cut(key, ".")
	return id, ok && len(secret) == base64.RawURLEncoding.EncodedLen(secretBytes) && isID(id)
}
