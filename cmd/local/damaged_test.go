package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestDamagedDataDir starts the sandbox on data that something has happened to: it ends with
// one line that names the file and says what to do, and leaves the file as it is.
func TestDamagedDataDir(t *testing.T) {
	t.Parallel()
	whole := filepath.Join(t.TempDir(), "data")
	store, err := openStorage(t.Context(), settings("DATA_DIR", whole))
	if err != nil {
		t.Fatal(err)
	}
	if err := store.close(); err != nil {
		t.Fatal(err)
	}
	read := func(name string) []byte {
		content, err := os.ReadFile(filepath.Join(whole, name))
		if err != nil {
			t.Fatal(err)
		}
		return content
	}
	db, seal, sign := read("ciclo.db"), read("seal.key"), read("sign.key")
	garbage := bytes.Repeat([]byte{0xfe, 0x01, 0x00, 0x7f}, 9000)
	for _, c := range []struct {
		what, file string
		content    []byte
	}{
		{"a page of it", "ciclo.db", db[:4096]},
		{"half of it", "ciclo.db", db[:len(db)/2]},
		{"garbage", "ciclo.db", garbage},
		{"text", "ciclo.db", []byte("{}")},
		{"all but the beginning", "ciclo.db", append(bytes.Clone(db[:8192]), make([]byte, len(db)-8192)...)},
		{"nothing", "seal.key", nil},
		{"a byte less", "seal.key", seal[1:]},
		{"garbage", "seal.key", garbage},
		{"nothing", "sign.key", nil},
		{"half of it", "sign.key", sign[:len(sign)/2]},
		{"garbage", "sign.key", garbage},
		{"garbage", "sign.key.other", garbage},
		{"a file", "logos", garbage},
	} {
		dir := filepath.Join(t.TempDir(), "data")
		if err := os.CopyFS(dir, os.DirFS(whole)); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, c.file)
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, c.content, 0o600); err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second) // were it to run
		err := run(ctx, settings("DATA_DIR", dir, "PORT", "0"))
		cancel()
		if err == nil {
			t.Fatalf("%s with %s: it runs", c.file, c.what)
		}
		line := err.Error()
		if strings.Contains(line, "\n") || !strings.Contains(line, path) || !strings.Contains(line, "move it away") {
			t.Errorf("%s with %s: %s", c.file, c.what, line)
		}
		if left, err := os.ReadFile(path); err != nil || !bytes.Equal(left, c.content) {
			t.Errorf("%s with %s: the file was changed: %v", c.file, c.what, err)
		}
	}
}
