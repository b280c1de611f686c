package bolt

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/feature/dynamodb/attributevalue"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"go.etcd.io/bbolt"

	"ciclo/shared/platform/table"
)

// entry is what an index holds for one item.
type entry struct {
	key  []byte
	item table.Item
}

// entryOf returns ix's entry for an item; its key is nil when the item is not
// in the index.
func entryOf(ix table.Index, item table.Item) entry {
	pk := stringAt(item, ix.PK)
	sk := stringAt(item, ix.SK)
	if pk == "" || sk == "" {
		return entry{}
	}
	projected := make(table.Item)
	for _, name := range slices.Concat([]string{table.PK, table.SK, ix.PK, ix.SK}, ix.Project) {
		if v, ok := item[name]; ok {
			projected[name] = v
		}
	}
	return entry{
		key:  joinKey(pk, sk, stringAt(item, table.PK), stringAt(item, table.SK)),
		item: projected,
	}
}

// stringAt is an item's string attribute, "" when it has none of that name.
func stringAt(item table.Item, name string) string {
	if s, ok := item[name].(*types.AttributeValueMemberS); ok {
		return s.Value
	}
	return ""
}

// checkIndexKeys tells whether the attributes that are keys of an index could be.
func checkIndexKeys(indexes []table.Index, item table.Item) error {
	for _, ix := range indexes {
		for name, most := range map[string]int{ix.PK: table.MaxPKBytes, ix.SK: table.MaxSKBytes} {
			if _, has := item[name]; !has {
				continue
			}
			if n := len(stringAt(item, name)); n == 0 || n > most {
				return fmt.Errorf("%s is a key of index %s: want a string of 1 to %d bytes", name, ix.Name, most)
			}
		}
	}
	return nil
}

// reindex makes every index follow the change of an item, nil for an absent one, and returns
// the write units that took: those of an entry that is put or removed, of both when its key
// changes, and none when it stays as it is.
func reindex(root *bbolt.Bucket, indexes []table.Index, before, now table.Item) (float64, error) {
	all := root.Bucket(indexesBucket)
	used := 0.0
	for _, ix := range indexes {
		bucket := all.Bucket([]byte(ix.Name))
		was := entryOf(ix, before)
		is := entryOf(ix, now)
		if was.key != nil && !bytes.Equal(was.key, is.key) {
			used += units(itemSize(was.item), writeUnitBytes)
			if err := bucket.Delete(was.key); err != nil {
				return used, err
			}
			was = entry{}
		}
		if is.key != nil && !same(was.item, is.item) {
			used += units(max(itemSize(was.item), itemSize(is.item)), writeUnitBytes)
			if err := store(bucket, is.key, is.item); err != nil {
				return used, err
			}
		}
	}
	return used, nil
}

// load reads one item, nil when absent.
func load(bucket *bbolt.Bucket, key []byte) (table.Item, error) {
	return unmarshal(bucket.Get(key))
}

// store writes one item.
func store(bucket *bbolt.Bucket, key []byte, item table.Item) error {
	value, err := attributevalue.MarshalMapJSON(item)
	if err != nil {
		return err
	}
	return bucket.Put(key, value)
}
