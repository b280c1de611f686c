// Package listtest is the stored entries of lists, as tests look at them.
package listtest

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"ciclo/shared/platform/table"
)

// Live returns items without the entries of lists that were replaced, or whose record has left
// the list.
func Live(items map[table.Key]map[string]any) map[table.Key]map[string]any {
	last := map[string]table.Key{}
	for key := range items {
		if list, isEntry := of(key); isEntry && key.SK > last[list].SK {
			last[list] = key
		}
	}
	live := maps.Clone(items)
	maps.DeleteFunc(live, func(key table.Key, item map[string]any) bool {
		list, isEntry := of(key)
		return isEntry && (last[list] != key || item["removed"] == true)
	})
	return live
}

// Current is [Live] without what depends on time: an entry has the key @ and id, and does not
// say what it replaced.
func Current(items map[table.Key]map[string]any) map[table.Key]map[string]any {
	current := map[table.Key]map[string]any{}
	for key, item := range Live(items) {
		if _, isEntry := of(key); isEntry {
			item = maps.Clone(item)
			delete(item, "replaces")
			_, id, _ := strings.Cut(key.SK, "#")
			key.SK = "@" + id
			item[table.SK] = key.SK
		}
		current[key] = item
	}
	return current
}

// of returns the list and the record of an entry. ok is false for other items.
func of(key table.Key) (list string, ok bool) {
	stamp, id, _ := strings.Cut(key.SK, "#")
	return key.Table + key.PK + "#" + id, strings.HasPrefix(stamp, "@")
}

// day is how much older Aged and Age make entries.
const day = int64(24 * time.Hour)

// Aged returns the key of an entry as if it had been written a day ago, so that readers that
// have its list in memory do not read it again. Other keys stay as they are.
func Aged(key table.Key) table.Key {
	if _, isEntry := of(key); !isEntry {
		return key
	}
	stamp, id, _ := strings.Cut(key.SK, "#")
	key.SK = "@" + earlier(stamp[1:]) + "#" + id
	return key
}

func earlier(stamp string) string {
	at, _ := strconv.ParseInt(stamp, 16, 64)
	return fmt.Sprintf("%016x", at-day)
}

// Age returns the steps that make the entries among stored items a day older, with what their
// records know of them.
func Age(items map[table.Key]table.Item) (steps []table.Step) {
	for key, item := range items {
		aged := Aged(key)
		listed := table.Text(item, "listed")
		switch {
		case aged != key:
			steps = append(steps, table.Delete("young "+key.String(), key), table.Put(aged.String(), aged, item))
		case listed != "":
			steps = append(steps, table.Update(key.String(), key, table.Changes{Set: map[string]any{"listed": earlier(listed)}}))
		}
	}
	return steps
}

// Copies stores n copies of items as if they had been written a day ago. Copy i has the texts
// that replace returns for it, also in its keys; nested values stay as they are.
func Copies(ctx context.Context, db table.DB, items map[table.Key]map[string]any, n int, replace func(i int) []string) error {
	var steps []table.Step
	for i := range n {
		replacer := strings.NewReplacer(replace(i)...)
		for key, item := range items {
			into := Aged(key)
			into.PK, into.SK = replacer.Replace(into.PK), replacer.Replace(into.SK)
			copied := maps.Clone(item)
			delete(copied, table.PK)
			delete(copied, table.SK)
			for attr, value := range copied {
				if text, ok := value.(string); ok {
					copied[attr] = replacer.Replace(text)
				}
			}
			if listed, ok := copied["listed"].(string); ok {
				copied["listed"] = earlier(listed)
			}
			steps = append(steps, table.Put(into.String(), into, copied))
		}
	}
	for some := range slices.Chunk(steps, table.MaxSteps) {
		if err := db.Write(ctx, some...); err != nil {
			return err
		}
	}
	return nil
}
