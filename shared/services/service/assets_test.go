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
	"ciclo/shared/services"
	"ciclo/shared/services/servicestest"
)

// inEachState makes a service in every state except deleted, and returns their paths.
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

// footprint returns the records of a service and the lengths of its histories.
func (w *world) footprint(path string) []any {
	w.Helper()
	s := w.stored(path)
	return []any{s.lifecycle, s.publication, len(s.rows["lifecycle"]), len(s.rows["publication"])}
}

// keyForm is the form of the key of a service.
var keyForm = regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{26}\.[A-Za-z0-9_-]{43}$`)

// TestKeys reads and regenerates the keys of a service in every state.
func TestKeys(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		seen := map[string]bool{}
		for state, path := range w.inEachState() {
			before := w.footprint(path)
			if keys := w.Want(w.call("GET", path+"/keys", ""), http.StatusOK); len(keys.Body) != 2 {
				w.Errorf("%s: %s", state, keys.Raw)
			}
			for _, which := range []string{"primary", "secondary", "secondary", "primary"} {
				w.regenerate(path, which, seen)
			}
			if after := w.footprint(path); !reflect.DeepEqual(before, after) {
				w.Errorf("%s: regenerating keys changed %v", state, after)
			}
			w.wantEncrypted(path, seen)
		}
		path := w.create(named("Gone"))
		gone := w.Want(w.call("GET", path+"/keys", ""), http.StatusOK)
		w.Want(w.call("DELETE", path, ""), http.StatusNoContent)
		w.Refused(w.call("GET", path+"/keys", ""), services.ServiceNotFound)
		w.Refused(w.call("PUT", path+"/keys/primary", ""), services.ServiceNotFound)
		w.wantKey(gone.Text("primary_key"), false)
	})
}

// regenerate replaces one key and fails unless it is new, the other one stays, and both are
// valid; seen has all keys of all services.
func (w *world) regenerate(path, which string, seen map[string]bool) {
	w.Helper()
	before := w.Want(w.call("GET", path+"/keys", ""), http.StatusOK)
	other := map[string]string{"primary": "secondary_key", "secondary": "primary_key"}[which]
	after := w.Want(w.call("PUT", path+"/keys/"+which, ""), http.StatusOK)
	if after.Text(which+"_key") == before.Text(which+"_key") || after.Text(other) != before.Text(other) {
		w.Errorf("regenerating the %s key made of %s: %s", which, before.Raw, after.Raw)
	}
	w.wantKey(before.Text(which+"_key"), false)
	if stored := w.Want(w.call("GET", path+"/keys", ""), http.StatusOK); stored.Raw != after.Raw {
		w.Errorf("answered is %s, stored is %s", after.Raw, stored.Raw)
	}
	for _, name := range []string{"primary_key", "secondary_key"} {
		key := after.Text(name)
		if !keyForm.MatchString(key) || !strings.HasPrefix(key, idOf(path)+".") || seen[key] && key != after.Text(other) {
			w.Errorf("the key %q of %s", key, path)
		}
		seen[key] = true
		w.wantKey(key, true)
	}
}

// wantEncrypted fails when a key, or its secret part, is stored in clear with a service.
func (w *world) wantEncrypted(path string, keys map[string]bool) {
	w.Helper()
	items := append(w.Items("SUB#"+idOf(path)), w.Items("SERVICE#"+idOf(path))...)
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
		w.Error("the scan does not find the id either")
	}
}

// readable returns every text and byte string within v.
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
	default:
		return ""
	}
}

// TestForeignKeys calls for the keys of another owner's service, and of an unknown one.
func TestForeignKeys(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path := w.create(named("Ours"))
		before := w.Want(w.call("GET", path+"/keys", ""), http.StatusOK).Raw
		both := servicestest.Manager("platform", services.GroupWrite, services.GroupReview)
		for _, as := range []*api.Identity{stranger, reviewer, both, grouped("g")} {
			for _, call := range [][2]string{{"GET", "/keys"}, {"PUT", "/keys/primary"}} {
				w.Want(w.As(as, call[0], path+call[1], ""), http.StatusForbidden)
			}
		}
		w.Want(w.call("PUT", "/services/01HCEXAMP0E000000000000001/keys/primary", ""), http.StatusNotFound)
		if after := w.Want(w.call("GET", path+"/keys", ""), http.StatusOK).Raw; after != before {
			w.Error("the keys have changed")
		}
	})
}

// logoOf returns a PNG image of that size, padded to n bytes.
func logoOf(tb testing.TB, width, height, n int) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, width, height))); err != nil {
		tb.Fatal(err)
	}
	return append(b.Bytes(), make([]byte, max(0, n-b.Len()))...)
}

// resized returns a PNG image with another width and height in its header.
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

// TestLogos stores and reads logos in every state of a service.
func TestLogos(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		small := logoOf(t, 300, 300, 0)
		largest := logoOf(t, 1, 1, 1<<20)
		for state, path := range w.inEachState() {
			before := w.footprint(path)
			w.Refused(w.call("GET", path+"/logo", ""), services.LogoNotFound)
			for _, img := range [][]byte{small, largest, resized(small, 1, 1<<31-1), small} {
				w.Want(w.call("PUT", path+"/logo", logoBody(img)), http.StatusNoContent)
				for _, as := range []*api.Identity{owner, reviewer} {
					res := w.Want(w.As(as, "GET", path+"/logo", ""), http.StatusOK)
					if res.Raw != string(img) || res.Header.Get("Content-Type") != "image/png" {
						w.Errorf("%s: %d bytes of %s came back of %d", state, len(res.Raw), res.Header.Get("Content-Type"), len(img))
					}
				}
			}
			if after := w.footprint(path); !reflect.DeepEqual(before, after) {
				w.Errorf("%s: a logo changed %v", state, after)
			}
		}
	})
}

// TestBadLogos sends logos that are refused; the stored one stays.
func TestBadLogos(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		path := w.create(named("One"))
		small := logoOf(t, 3, 3, 0)
		encoded := base64.StdEncoding.EncodeToString(small)
		w.Want(w.call("PUT", path+"/logo", logoBody(small)), http.StatusNoContent)
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
			w.Refused(res, services.ImageInvalid)
			if res.Text("title") != "Image not valid" || !strings.HasPrefix(res.Text("detail"), "Fail decoding provided image, the reason is: ") {
				w.Errorf("%s: %.300s", name, res.Raw)
			}
		}
		for _, body := range []string{`{"logo":""}`, `{"logo":null}`, `{"logo":1}`, `{"logo":["a"]}`} {
			w.wantInvalid(w.call("PUT", path+"/logo", body), "Invalid Exact<Logo>", "body.logo")
		}
		w.Want(w.call("PUT", path+"/logo", logoBody(logoOf(t, 1, 1, 1<<20+8<<10))), http.StatusRequestEntityTooLarge)
		if res := w.Want(w.call("GET", path+"/logo", ""), http.StatusOK); res.Raw != string(small) {
			w.Error("a refused logo replaced another")
		}
		for _, as := range []*api.Identity{stranger, reviewer, grouped("g")} {
			w.Want(w.As(as, "PUT", path+"/logo", logoBody(small)), http.StatusForbidden)
		}
		w.Want(w.call("DELETE", path, ""), http.StatusNoContent)
		w.Want(w.call("GET", path+"/logo", ""), http.StatusNotFound)
		w.Want(w.call("PUT", path+"/logo", "%"), http.StatusBadRequest)
		w.Want(w.call("PUT", path+"/logo", `{"logo":"%"}`), http.StatusNotFound)
		w.Want(w.call("PUT", "/services/x/logo", logoBody(small)), http.StatusNotFound)
	})
}

// TestCreatedKeys finds keys with the permission groups, owner and group of the creator.
func TestCreatedKeys(t *testing.T) {
	t.Parallel()
	each(t, func(w *world) {
		res := w.Want(w.As(grouped("g"), "POST", "/services", named("One")), http.StatusCreated)
		sub := servicestest.Decode[struct {
			ID, Owner, Kind, Group, State string
			Scopes                        []string
		}](w.TB, w.Items("SUB#" + res.Text("id"))[0])
		if got, want := fmt.Sprint(*sub), fmt.Sprint(struct {
			ID, Owner, Kind, Group, State string
			Scopes                        []string
		}{res.Text("id"), owner.Subject, services.KindService, "g", "active", owner.Scopes}); got != want {
			w.Errorf("stored is %s, want %s", got, want)
		}
	})
}
