package bolt

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.etcd.io/bbolt"

	"ciclo/shared/platform/table"
)

// Get reads one item; see table.DB. Counted is one read unit per 4 KB.
func (db *DB) Get(ctx context.Context, key table.Key) (table.Item, error) {
	items, err := db.read(ctx, "get", []table.Key{key}, 1)
	if err != nil {
		return nil, err
	}
	return items[0], nil
}

// BatchGet reads up to table.MaxBatch distinct keys from one snapshot; see
// table.DB. Counted is one read unit per 4 KB of each item.
func (db *DB) BatchGet(ctx context.Context, keys []table.Key) ([]table.Item, error) {
	return db.batch(ctx, "batch-get", keys, 1)
}

// Snapshot is BatchGet, at twice the price; see table.DB.
func (db *DB) Snapshot(ctx context.Context, keys []table.Key) ([]table.Item, error) {
	return db.batch(ctx, "snapshot", keys, 2)
}

func (db *DB) batch(ctx context.Context, op string, keys []table.Key, price float64) ([]table.Item, error) {
	if len(keys) > table.MaxBatch {
		return nil, invalid(op, fmt.Errorf("%d keys, at most %d", len(keys), table.MaxBatch))
	}
	seen := make(map[table.Key]bool, len(keys))
	for _, key := range keys {
		if seen[key] {
			return nil, invalid(op, fmt.Errorf("key %v is given twice", key))
		}
		seen[key] = true
	}
	return db.read(ctx, op, keys, price)
}

// read returns the items at keys in their order, nil where absent. A read unit is
// counted price times.
func (db *DB) read(ctx context.Context, op string, keys []table.Key, price float64) ([]table.Item, error) {
	for _, key := range keys {
		if err := db.checkKey(op, key); err != nil {
			return nil, err
		}
	}
	items := make([]table.Item, len(keys))
	err := db.view(ctx, op, func(tx *bbolt.Tx) (err error) {
		for i, key := range keys {
			bucket := tx.Bucket([]byte(key.Table)).Bucket(itemsBucket)
			if items[i], err = load(bucket, itemKey(key)); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	used := table.Usage{RoundTrips: 1}
	for _, item := range items {
		used.ReadUnits += price * units(itemSize(item), readUnitBytes)
		if item != nil {
			used.ItemsRead++
		}
	}
	table.Metered(ctx, used)
	return items, nil
}

// checkKey tells whether key could name an item of a declared table.
func (db *DB) checkKey(op string, key table.Key) error {
	if err := table.ValidateKey(key); err != nil {
		return err
	}
	if err := checkUTF8(key); err != nil {
		return invalid(op, err)
	}
	_, err := db.table(op, key.Table)
	return err
}

func itemKey(k table.Key) []byte { return joinKey(k.PK, k.SK) }

// setKey gives an item the key attributes of k.
func setKey(item table.Item, k table.Key) {
	item[table.PK] = &types.AttributeValueMemberS{Value: k.PK}
	item[table.SK] = &types.AttributeValueMemberS{Value: k.SK}
}
