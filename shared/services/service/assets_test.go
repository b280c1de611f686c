package service_test

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/png"
	"net/http"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/services"
)

// inEachState makes a service in every state that is not deleted.
func (w *world) inEachState() map[string]string {
	w.Helper()
	paths := map[string]string{}
	for state, verdict := range map[string]string{"draft": "", "submitted": "", "approved": "approve", "rejected": "reject"} {
		paths[state] = w.create(named("%s", state))
		if state != "draft" {
			w.submit(paths[state], true)
		}
		if verdict != "" {
			w.decide(paths[state], verdict)
		}
	}
	return paths
}

// traces are the records of a service and the length of its history.
func (w *world) traces(path string) []any {
	w.Helper()
	s := w.sheet(path)
	return []any{s.lifecycle, s.publication, len(s.rows["lifecycle"]), len(s.rows["publication"])}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{26}\.[A-Za-z0-9_-]{43}$`)
	each(t, func(w *world) {
		known := map[string]bool{}
		for state, path := range w.inEachState() {
			before := w.traces(path)
			keys := w.want(w.call("GET", path+"/keys", ""), http.StatusOK)
			if len(keys.Body) != 2 {
				w.Errorf("%s: %s", state, keys.Raw)
			}
			for _, which := range []string{"primary", "secondary", "secondary", "primary"} {
				old, other := keys.Text(which+"_key"), map[string]string{"primary": "secondary_key", "secondary": "primary_key"}[which]
				next := w.want(w.call("PUT", path+"/keys/"+which, ""), http.StatusOK)
				if next.Text(which+"_key") == old || next.Text(other) != keys.Text(other) {
					w.Errorf("%s: regenerating the %s key made of %s: %s", state, which, keys.Raw, next.Raw)
				}
				w.authenticates(old, false)
				keys = w.want(w.call("GET", path+"/keys", ""), http.StatusOK)
				if keys.Raw != next.Raw {
					w.Errorf("%s: %s is answered, %s is stored", state, next.Raw, keys.Raw)
				}
				for _, name := range []string{"primary_key", "secondary_key"} {
					key := keys.Text(name)
					if !form.MatchString(key) || !strings.HasPrefix(key, idOf(path)+".") || known[key] && key != keys.Text(other) {
						w.Errorf("%s: the key %q", state, key)
					}
					known[key] = true
					w.authenticates(key, true)
				}
			}
			if after := w.traces(path); !reflect.DeepEqual(before, after) {
				w.Errorf("%s: keys left a trace: %v", state, after)
			}
			w.encrypted(path, known)
		}
		path := w.create(named("Gone"))
		gone := w.want(w.call("GET", path+"/keys", ""), http.StatusOK)
		w.want(w.call("DELETE", path, ""), http.StatusNoContent)
		for _, res := range []apitest.Response{w.call("GET", path+"/keys", ""), w.call("PUT", path+"/keys/primary", "")} {
			if tally([]apitest.Response{res})[refusal(services.ServiceNotFound)] != 1 {
				w.Errorf("the keys of a deleted service: %d %s", res.Status, res.Raw)
			}
		}
		w.authenticates(gone.Text("primary_key"), false)
	})
}

// encrypted fails when a key, or its secret part, can be read in what is stored
// of a service.
func (w *world) encrypted(path string, keys map[string]bool) {
	w.Helper()
	items := append(w.items("SUB#"+idOf(path)), w.items("SERVICE#"+idOf(path))...)
	if len(items) < 2 {
		w.Fatalf("%d items are stored", len(items))
	}
	var stored bytes.Buffer
	for _, item := range items {
		stored.WriteString(readable(reflect.ValueOf(item)))
	}
	for key := range keys {
		secret := strings.Split(key, ".")[1]
		raw, err := base64.RawURLEncoding.DecodeString(secret)
		if err != nil {
			w.Fatal(err)
		}
		for _, text := range []string{secret, string(raw)} {
			if bytes.Contains(stored.Bytes(), []byte(text)) {
				w.Errorf("%s has a key in clear", path)
			}
		}
	}
	if !bytes.Contains(stored.Bytes(), []byte(idOf(path))) {
		w.Error("the scan finds nothing at all")
	}
}

// readable is every text and byte string within v.
func readable(v reflect.Value) string {
	switch v.Kind() {
	case reflect.String:
		return v.String() + "\n"
	case reflect.Pointer, reflect.Interface:
		return readable(v.Elem())
	case reflect.Map:
		all := ""
		for _, k := range v.MapKeys() {
			all += readable(v.MapIndex(k))
		}
		return all
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			return string(v.Bytes()) + "\n"
		}
		all := ""
		for i := range v.Len() {
			all += readable(v.Index(i))
		}
		return all
	case reflect.Struct:
		all := ""
		for _, field := range v.Fields() {
			all += readable(field)
		}
		return all
	}
	return ""
}

// TestForeignKeys lets a service of another owner, and an unknown one, keep theirs.
func TestForeignKeys(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path := w.create(named("Ours"))
		before := w.want(w.call("GET", path+"/keys", ""), http.StatusOK).Raw
		both := manager("platform", services.GroupWrite, services.GroupReview)
		for _, as := range []*api.Identity{stranger, reviewer, both, grouped("g")} {
			for _, call := range [][2]string{{"GET", "/keys"}, {"PUT", "/keys/primary"}} {
				w.want(w.as(as, call[0], path+call[1], ""), http.StatusForbidden)
			}
		}
		w.want(w.call("PUT", "/services/01HCEXAMP0E000000000000001/keys/primary", ""), http.StatusNotFound)
		if after := w.want(w.call("GET", path+"/keys", ""), http.StatusOK).Raw; after != before {
			w.Error("the keys have changed")
		}
	})
}

// logoOf encodes an image of that size, padded to n bytes.
func logoOf(tb testing.TB, width, height, n int) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		tb.Fatal(err)
	}
	return append(b.Bytes(), make([]byte, max(0, n-b.Len()))...)
}

// resized gives a PNG image another width and height.
func resized(img []byte, width, height uint32) []byte {
	img = bytes.Clone(img)
	binary.BigEndian.PutUint32(img[16:], width)
	binary.BigEndian.PutUint32(img[20:], height)
	binary.BigEndian.PutUint32(img[29:], crc32.ChecksumIEEE(img[12:29]))
	return img
}

func logoBody(img []byte) string {
	return fmt.Sprintf(`{"logo":%q}`, base64.StdEncoding.EncodeToString(img))
}

func TestLogos(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		small, largest := logoOf(t, 300, 300, 0), logoOf(t, 1, 1, 1<<20)
		for state, path := range w.inEachState() {
			before := w.traces(path)
			if res := w.call("GET", path+"/logo", ""); tally([]apitest.Response{res})[refusal(services.LogoNotFound)] != 1 {
				w.Errorf("%s: no logo: %d %s", state, res.Status, res.Raw)
			}
			for _, img := range [][]byte{small, largest, resized(small, 1, 1<<31-1), small} {
				w.want(w.call("PUT", path+"/logo", logoBody(img)), http.StatusNoContent)
				for _, as := range []*api.Identity{owner, reviewer} {
					res := w.want(w.as(as, "GET", path+"/logo", ""), http.StatusOK)
					if res.Raw != string(img) || res.Header.Get("Content-Type") != "image/png" {
						w.Errorf("%s: %d bytes of %s came back of %d", state, len(res.Raw), res.Header.Get("Content-Type"), len(img))
					}
				}
			}
			if after := w.traces(path); !reflect.DeepEqual(before, after) {
				w.Errorf("%s: a logo left a trace: %v", state, after)
			}
		}
	})
}

func TestBadLogos(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path := w.create(named("One"))
		small := logoOf(t, 3, 3, 0)
		encoded := base64.StdEncoding.EncodeToString(small)
		w.want(w.call("PUT", path+"/logo", logoBody(small)), http.StatusNoContent)
		for name, body := range map[string]string{
			"not base64":    `{"logo":"%%%"}`,
			"URL base64":    `{"logo":"-_-_"}`,
			"no padding":    fmt.Sprintf(`{"logo":%q}`, strings.TrimRight(encoded, "=")+"A"),
			"a data URL":    fmt.Sprintf(`{"logo":"data:image/png;base64,%s"}`, encoded),
			"blank":         `{"logo":" "}`,
			"not PNG":       logoBody([]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00")),
			"a header only": logoBody(small[:8]),
			"cut":           logoBody(small[:20]),
			"zero width":    logoBody(resized(small, 0, 3)),
			"zero height":   logoBody(resized(small, 3, 0)),
			"too large":     logoBody(logoOf(t, 1, 1, 1<<20+1)),
		} {
			res := w.call("PUT", path+"/logo", body)
			if tally([]apitest.Response{res})[refusal(services.ImageInvalid)] != 1 || res.Text("title") != "Image not valid" || !strings.HasPrefix(res.Text("detail"), "Fail decoding provided image, the reason is: ") {
				w.Errorf("%s: %d %.300s", name, res.Status, res.Raw)
			}
		}
		for _, body := range []string{`{"logo":""}`, `{"logo":null}`, `{"logo":1}`, `{"logo":["a"]}`} {
			w.invalid(w.call("PUT", path+"/logo", body), "Invalid Exact<Logo>", "body.logo")
		}
		w.want(w.call("PUT", path+"/logo", logoBody(logoOf(t, 1, 1, 1<<20+8<<10))), http.StatusRequestEntityTooLarge)
		if res := w.want(w.call("GET", path+"/logo", ""), http.StatusOK); res.Raw != string(small) {
			w.Error("a refused logo replaced another")
		}
		for _, as := range []*api.Identity{stranger, reviewer, grouped("g")} {
			w.want(w.as(as, "PUT", path+"/logo", logoBody(small)), http.StatusForbidden)
		}
		w.want(w.call("DELETE", path, ""), http.StatusNoContent)
		w.want(w.call("GET", path+"/logo", ""), http.StatusNotFound)
		w.want(w.call("PUT", path+"/logo", "%"), http.StatusBadRequest)
		w.want(w.call("PUT", path+"/logo", `{"logo":"%"}`), http.StatusNotFound)
		w.want(w.call("PUT", "/services/x/logo", logoBody(small)), http.StatusNotFound)
	})
}

// TestCreatedKeys stores keys with the scopes, owner and group of who created the service.
func TestCreatedKeys(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		res := w.want(w.as(grouped("g"), "POST", "/services", named("One")), http.StatusCreated)
		sub := asStored[struct {
			ID, Owner, Kind, Group, State string
			Scopes                        []string
		}](w.TB, w.items("SUB#" + res.Text("id"))[0])
		if got, want := fmt.Sprint(*sub), fmt.Sprint(struct {
			ID, Owner, Kind, Group, State string
			Scopes                        []string
		}{res.Text("id"), owner.Subject, services.KindService, "g", "active", owner.Scopes}); got != want {
			w.Errorf("stored is %s, want %s", got, want)
		}
	})
}
