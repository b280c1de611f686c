package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"ciclo/shared/interop"
	"ciclo/shared/platform/table"
)

// TestKeyOfAnswers starts the sandbox again and again on the same data. It signs with the same
// key, and with a new one after something has happened to the key that opens it, or to the item.
func TestKeyOfAnswers(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "data")
	start := func(damage func(db table.DB)) string {
		store, err := openStorage(t.Context(), settings("DATA_DIR", dir))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = store.close() }()
		if damage != nil {
			damage(store.db)
		}
		box, err := newSandbox(store, "http://localhost:3000", nothing, quiet())
		if err != nil {
			t.Fatal(err)
		}
		get := func(path string) *httptest.ResponseRecorder {
			rec := httptest.NewRecorder()
			box.ServeHTTP(rec, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "http://localhost:3000"+path, http.NoBody))
			return rec
		}
		jwks := get("/.well-known/jwks.json").Body.String()
		rec := get("/eservices")
		header, _, signed := strings.Cut(rec.Header().Get("Agid-JWT-Signature"), ".")
		if !signed || rec.Header().Get("Digest") == "" || strings.Count(jwks, `"kid"`) != 2 {
			t.Fatalf("answered %d %v, keys %s", rec.Code, rec.Header(), jwks)
		}
		return header
	}
	first := start(nil)
	if again := start(nil); again != first {
		t.Errorf("signed with %s, at first with %s", again, first)
	}
	if err := os.Remove(filepath.Join(dir, "seal.key")); err != nil {
		t.Fatal(err)
	}
	second := start(nil)
	if second == first {
		t.Error("signed with a key that does not open")
	}
	third := start(func(db table.DB) {
		if err := db.Write(t.Context(), table.Put("damage", interop.IntegrityKey, map[string]string{"keys": "x"})); err != nil {
			t.Fatal(err)
		}
	})
	if third == second {
		t.Error("signed with a key that is not stored")
	}
}
