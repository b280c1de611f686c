package blob_test

import (
	"bytes"
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"ciclo/shared/platform/blob"
	"ciclo/shared/platform/blob/folder"
	"ciclo/shared/platform/blob/s3"
	"ciclo/shared/platform/testing/s3local"
)

func TestCheckName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"a", "services/01abc.png", "a-b_c.d/0", ".hidden", "a.", strings.Repeat("a", 256),
	} {
		if err := blob.CheckName(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{
		"", "/", "/a", "a/", "a//b", ".", "./a", "a/.", "a/./b", "..", "../a", "a/../b", "a..b", "A", "a b", "a\\b",
		"a%2fb", "a\x00", "é", "a\n", "a:b", "a?b", "a#b", strings.Repeat("a", 257),
	} {
		if err := blob.CheckName(name); err == nil {
			t.Errorf("%q is accepted", name)
		}
	}
}

// stores runs test with every kind of Store.
func stores(t *testing.T, test func(t *testing.T, s blob.Store)) {
	t.Helper()
	t.Run("folder", func(t *testing.T) {
		t.Parallel()
		s, err := folder.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		test(t, s)
	})
	t.Run("s3", func(t *testing.T) {
		t.Parallel()
		server := httptest.NewServer(s3local.New("logos"))
		t.Cleanup(server.Close)
		s, err := s3.FromEnv(func(name string) string {
			return map[string]string{"LOGO_BUCKET": "logos", "AWS_ENDPOINT_URL_S3": server.URL}[name]
		})
		if err != nil {
			t.Fatal(err)
		}
		test(t, s)
	})
}

func put(t *testing.T, s blob.Store, name string, b blob.Blob) {
	t.Helper()
	if err := s.Put(t.Context(), name, b); err != nil {
		t.Fatal(err)
	}
}

func holds(t *testing.T, s blob.Store, name string, want blob.Blob) {
	t.Helper()
	got, ok, err := s.Get(t.Context(), name)
	if err != nil || !ok || got.Type != want.Type || !bytes.Equal(got.Bytes, want.Bytes) {
		t.Fatalf("%s is %.40q, %t, %v, want %.40q", name, got, ok, err, want)
	}
}

func TestPutReplaces(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, s blob.Store) {
		for _, b := range []blob.Blob{
			{Type: "image/png", Bytes: []byte("one, longer")},
			{Type: "image/png", Bytes: []byte("two")},
			{Type: "image/png"},
			{Type: "image/png", Bytes: bytes.Repeat([]byte{0, 255}, blob.MaxBytes/2)},
		} {
			put(t, s, "services/a/b.png", b)
			holds(t, s, "services/a/b.png", b)
		}
		put(t, s, "services/a/c.png", blob.Blob{Type: "image/png", Bytes: []byte("other")})
		holds(t, s, "services/a/c.png", blob.Blob{Type: "image/png", Bytes: []byte("other")})
	})
}

func TestGetOfNothing(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, s blob.Store) {
		put(t, s, "services/a.png", blob.Blob{Type: "image/png", Bytes: []byte("x")})
		for _, name := range []string{"b.png", "services", "services/b.png", "services/a.png/b.png", "other/a.png"} {
			if b, ok, err := s.Get(t.Context(), name); ok || err != nil || b.Type != "" || b.Bytes != nil {
				t.Errorf("%s is %v, %t, %v, want nothing", name, b, ok, err)
			}
		}
	})
}

func TestStoresRefuseWhatTheyCannotKeep(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, s blob.Store) {
		good := blob.Blob{Type: "image/png", Bytes: []byte("x")}
		for _, name := range []string{"", "../a.png", "/a.png", "a//b.png", "A.png"} {
			if err := s.Put(t.Context(), name, good); err == nil {
				t.Errorf("put %q: no error", name)
			}
			if _, _, err := s.Get(t.Context(), name); err == nil {
				t.Errorf("get %q: no error", name)
			}
		}
		for what, b := range map[string]blob.Blob{
			"no type":       {Bytes: []byte("x")},
			"no media type": {Type: "a b", Bytes: []byte("x")},
			"a header":      {Type: "image/png\r\nX-Evil: 1", Bytes: []byte("x")},
			"too large":     {Type: "image/png", Bytes: make([]byte, blob.MaxBytes+1)},
		} {
			if err := s.Put(t.Context(), "a.png", b); err == nil || errors.Is(err, blob.ErrUnavailable) {
				t.Errorf("%s: error is %v", what, err)
			}
		}
		if _, ok, err := s.Get(t.Context(), "a.png"); ok || err != nil {
			t.Errorf("something is kept: %t, %v", ok, err)
		}
	})
}

func TestEndedContext(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, s blob.Store) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := s.Put(ctx, "a.png", blob.Blob{Type: "image/png"}); !errors.Is(err, context.Canceled) {
			t.Errorf("put: %v", err)
		}
		if _, _, err := s.Get(ctx, "a.png"); !errors.Is(err, context.Canceled) {
			t.Errorf("get: %v", err)
		}
	})
}

func TestReadersSeeWholeBlobs(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, s blob.Store) {
		whole := func(c byte) blob.Blob {
			return blob.Blob{Type: "image/png", Bytes: bytes.Repeat([]byte{c}, 1<<int(14+c%3))}
		}
		put(t, s, "a.png", whole('a'))
		var work sync.WaitGroup
		for i := range byte(4) {
			work.Go(func() {
				for range 20 {
					if err := s.Put(t.Context(), "a.png", whole('a'+i)); err != nil {
						t.Error(err)
					}
				}
			})
			work.Go(func() {
				for range 20 {
					b, ok, err := s.Get(t.Context(), "a.png")
					if err != nil || !ok || len(b.Bytes) == 0 || !bytes.Equal(b.Bytes, whole(b.Bytes[0]).Bytes) {
						t.Errorf("read %d bytes, %t, %v", len(b.Bytes), ok, err)
					}
				}
			})
		}
		work.Wait()
	})
}
