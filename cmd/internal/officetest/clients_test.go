package officetest_test

import (
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"ciclo/cmd/internal/officetest"
)

// clientWorld is a client of the consumer with a key, linked to a purpose in use.
type clientWorld struct {
	*officetest.Maker

	t                   *testing.T
	eservice, agreement string
	purpose, title      string
	client, kid         string
	key                 any
}

func newClientWorld(t *testing.T) *clientWorld {
	t.Helper()
	w := &clientWorld{Maker: site.Make(t), t: t}
	w.title = "Portal " + w.Suffix()
	w.eservice, _, w.agreement = w.ActiveAgreement("Registry", 100, 1000)
	w.purpose = w.Purpose(w.eservice, "Portal", 10)
	w.AsConsumer(http.MethodPost, "/purposes/"+w.purpose+"/activate", nil)
	w.client, w.kid, w.key = w.Client("Portal")
	w.AsConsumer(http.MethodPost, "/clients/"+w.client+"/purposes", map[string]any{"purposeId": w.purpose})
	return w
}

// page returns the path of a page of the client.
func (w *clientWorld) page(below string) string { return "/office/clients/" + w.client + below }

// assertion signs an assertion of the client, with changes of its claims; a claim that is
// changed to nil is left out.
func (w *clientWorld) assertion(changes jwt.MapClaims) string {
	w.t.Helper()
	now := time.Now()
	claims := jwt.MapClaims{
		"iss": w.client, "sub": w.client, "aud": site.URL, "purposeId": w.purpose, "jti": uuid.NewString(),
		"iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(),
	}
	for name, value := range changes {
		if claims[name] = value; value == nil {
			delete(claims, name)
		}
	}
	token := jwt.NewWithClaims(jwt.SigningMethodES256, claims)
	token.Header["kid"] = w.kid
	signed, err := token.SignedString(w.key)
	if err != nil {
		w.t.Fatal(err)
	}
	return signed
}

// ask asks for a voucher and returns the status of the answer.
func (w *clientWorld) ask() int {
	w.t.Helper()
	res, err := http.PostForm(site.URL+"/token.oauth2", url.Values{
		"client_assertion": {w.assertion(nil)}, "grant_type": {"client_credentials"},
		"client_assertion_type": {"urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	res.Body.Close()
	return res.StatusCode
}

// keysOf returns the keys of a client of the consumer, as the API lists them.
func keysOf(t *testing.T, client string) (kids []string) {
	t.Helper()
	_, answer := site.Call(t, site.Token(t, "organizationId="+officetest.Consumer), http.MethodGet, "/clients/"+client+"/keys", "")
	var list struct {
		Results []struct {
			Kid string `json:"kid"`
		} `json:"results"`
	}
	if err := json.Unmarshal([]byte(answer), &list); err != nil {
		t.Fatal(err)
	}
	for _, k := range list.Results {
		kids = append(kids, k.Kid)
	}
	return kids
}

// TestClientKeys makes a client, adds a key by paste and one by file, and deletes one after
// the page has said which vouchers stop.
func TestClientKeys(t *testing.T) {
	t.Parallel()
	v := site.As(t, "consumer")
	name := "Portal " + uuid.NewString()[:8]
	form := v.Open("/office/clients").Click("New client for e-services")
	short := form.Press("Create the client", map[string]any{"name": "abc", "description": "Asks for certificates"})
	if short.Status != http.StatusBadRequest || short.Find(`[name="name"][aria-invalid]`).AttrOr("value", "") != "abc" ||
		short.Find(`[name="description"]`).Text() != "Asks for certificates" {
		t.Fatalf("a short name is answered %d: %s", short.Status, short.Words())
	}
	client := short.Press("Create the client", map[string]any{"name": name})
	client.See("The client was created", name, "has no keys", "Asks for certificates")
	id := client.URL.Path[strings.LastIndex(client.URL.Path, "/")+1:]

	_, pasted := officetest.NewKey(t)
	_, uploaded := officetest.NewKey(t)
	shown := client.Click("Add a key").Press("Add a key", map[string]any{"name": "by paste", "key": pasted})
	kids := keysOf(t, id)
	if len(kids) != 1 {
		t.Fatalf("keys are %q: %s", kids, shown.Words())
	}
	shown.See("Its kid is "+kids[0], "by paste", kids[0], "ES256, signing")
	twice := shown.Click("Add a key").Press("Add a key", map[string]any{"name": "once more", "key": pasted})
	if twice.Status != http.StatusConflict || !strings.Contains(twice.Find(`[name="key"]`).Text(), "BEGIN PUBLIC KEY") {
		t.Errorf("a key that is there already is answered %d: %s", twice.Status, twice.Words())
	}
	unnamed := shown.Click("Add a key").Press("Add a key", map[string]any{
		"name": "abc", "keyFile": officetest.File{Name: "client.pub", Content: uploaded}, "use": "ENC",
	})
	if unnamed.Status != http.StatusBadRequest || !strings.Contains(unnamed.Find(`[name="key"]`).Text(), strings.TrimSpace(uploaded)) {
		t.Errorf("a short name is answered %d, and the file is lost: %s", unnamed.Status, unnamed.Words())
	}
	shown = unnamed.Press("Add a key", map[string]any{"name": "by file"})
	shown.See("by file", "ES256, encrypting")
	if kids = keysOf(t, id); len(kids) != 2 {
		t.Fatalf("keys are %q: %s", kids, shown.Words())
	}

	shown.See("no assertion signed with this key gets a voucher", "Vouchers that were issued are valid until they expire")
	shown = shown.Press("Delete by paste", nil).See("The key was deleted", "by file").Miss("by paste")
	if left := keysOf(t, id); len(left) != 1 || left[0] != kids[1] {
		t.Errorf("left are %q of %q", left, kids)
	}
	gone := shown.Press("Delete the client", nil).See("was deleted")
	if gone.URL.Path != "/office/clients" || v.Get("/office/clients/"+id).Status != http.StatusNotFound {
		t.Errorf("a deleted client leads to %s, and its page is there", gone.URL)
	}
}

// TestPrivateKeyIsRefused: a private key that is pasted or chosen by mistake is neither sent
// nor shown again, and the page says so.
func TestPrivateKeyIsRefused(t *testing.T) {
	t.Parallel()
	v := site.As(t, "consumer")
	id, _, key := site.Make(t).Client("Robot")
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	private := string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	secret := strings.Split(private, "\n")[1]
	for what, values := range map[string]map[string]any{
		"pasted":        {"name": "my key", "key": private},
		"a file":        {"name": "my key", "keyFile": officetest.File{Name: "client.key", Content: private}},
		"called public": {"name": "my key", "key": strings.ReplaceAll(private, "PRIVATE", "PUBLIC")},
		"DER":           {"name": "my key", "keyFile": officetest.File{Name: "client.der", Content: string(der)}},
	} {
		shown := v.Open("/office/clients/"+id+"/keys/new").Press("Add a key", values)
		shown.See("This is a private key, and it was neither sent nor stored", "make another one")
		html, err := shown.Html()
		if err != nil || strings.Contains(html, secret) {
			t.Errorf("%s: the page shows the key again", what)
		}
		if shown.Status != http.StatusBadRequest || shown.Find(`[name="name"]`).AttrOr("value", "") != "my key" {
			t.Errorf("%s is answered %d, and the name is lost", what, shown.Status)
		}
	}
	if kids := keysOf(t, id); len(kids) != 1 {
		t.Errorf("keys are %q", kids)
	}
	nothing := v.Open("/office/clients/"+id+"/keys/new").Press("Add a key", map[string]any{"name": "my key"})
	nothing.See("Paste the public key or choose its file")
}

// TestClientPurposes links a purpose by choosing it among those in use, and takes it away.
func TestClientPurposes(t *testing.T) {
	t.Parallel()
	w := newClientWorld(t)
	v := site.As(t, "consumer")
	draft := w.Purpose(w.eservice, "Draft", 1)
	v.Open(w.page("")).See(w.title, "Active", "Registry "+w.Suffix())
	choice := v.Open(w.page("/purposes/new?title=" + w.Suffix())).See("Linked already").Miss("Draft " + w.Suffix())
	if choice.Has("Link " + w.title) {
		t.Error("a purpose that is linked can be linked")
	}
	unlinked := v.Open(w.page("")).See("the client gets no vouchers for this purpose").Press("Unlink "+w.title, nil)
	unlinked.See("The purpose is unlinked", "No purposes: link one")
	if status := w.ask(); status != http.StatusBadRequest {
		t.Errorf("a voucher is answered %d without a link", status)
	}
	v.Open(w.page("/purposes/new?title="+w.Suffix())).Press("Link "+w.title, nil).See("The purpose is linked", w.title)
	if status := w.ask(); status != http.StatusOK {
		t.Errorf("a voucher is answered %d with a link", status)
	}
	v.Open(w.page("/purposes")).See(w.title)

	// What was linked or unusable meanwhile is refused with the API's words, in the same page.
	stale := v.Open(w.page("/purposes/new?title=" + w.Suffix()))
	token := stale.Token()
	for id, want := range map[string]int{w.purpose: http.StatusConflict, draft: http.StatusBadRequest} {
		shown := v.Post(w.page("/purposes/new"), url.Values{"_csrf": {token}, "purposeId": {id}})
		if shown.Status != want || shown.Find("#refusal").Length() != 1 || shown.Find("h1").Text() != "Link a purpose" {
			t.Errorf("linking %s is answered %d: %s", id, shown.Status, shown.Words())
		}
	}
	w.AsConsumer(http.MethodPost, "/purposes/"+w.purpose+"/suspend", nil)
	v.Open(w.page("")).See("Suspended", "Suspended by the consumer, who has to reactivate it")
}

// TestClientEvents: the log has vouchers that were issued and refused, with the reasons in
// words, by pages.
func TestClientEvents(t *testing.T) {
	t.Parallel()
	w := newClientWorld(t)
	v := site.As(t, "consumer")
	if status := w.ask(); status != http.StatusOK {
		t.Fatalf("a voucher is answered %d", status)
	}
	w.AsProducer(http.MethodPost, "/purposes/"+w.purpose+"/suspend", nil)
	for range 50 {
		if status := w.ask(); status != http.StatusBadRequest {
			t.Fatalf("a voucher is answered %d while the purpose is suspended", status)
		}
	}
	v.Open(w.page("")).See("Refused", "The purpose is not active.", "The key", "All requests for vouchers (51)")
	newest := v.Open(w.page("/events")).See("1–50 of 51", "Refused", "The purpose is not active.", w.title, "The key").Miss("Issued")
	newest.Click("Next").See("51–51 of 51", "Issued", "Bearer").Miss("not active")
	v.In("it").Open(w.page("/events")).See("Rifiutato", "La finalità non è attiva.")
}

// TestClientMarkup: names are shown as they were typed, and are no markup.
func TestClientMarkup(t *testing.T) {
	t.Parallel()
	m, v := site.Make(t), site.As(t, "consumer")
	name := "<script>alert('" + m.Suffix() + "')</script>"
	form := v.Open("/office/clients/new")
	client := form.Press("Create the client", map[string]any{"name": name, "description": "<img src=x onerror=alert(1)>"})
	_, public := officetest.NewKey(t)
	shown := client.Click("Add a key").Press("Add a key", map[string]any{"name": "<b>the key</b>", "key": public})
	for _, page := range []*officetest.Shown{client, shown, v.Open("/office/clients?name=" + m.Suffix())} {
		page.See(name, "<img src=x onerror=alert(1)>")
		if page.Find("main script, main img, main th b").Length() != 0 {
			t.Errorf("%s has the markup of a name", page.URL)
		}
	}
	shown.See("<b>the key</b>").Press("Delete <b>the key</b>", nil).See("The key was deleted")
}

// TestClientLines runs what the page says to run: it makes keys, and gets vouchers for an
// e-service and for the API.
func TestClientLines(t *testing.T) {
	t.Parallel()
	officetest.Programs(t, "sh", "openssl", "curl")
	w := newClientWorld(t)
	v := site.As(t, "consumer")
	robot := w.AsConsumer(http.MethodPost, "/clientsApi", map[string]any{"name": "Robot " + w.Suffix(), "members": []string{}})
	portal := w.AsConsumer(http.MethodPost, "/clients", map[string]any{"name": "Script " + w.Suffix(), "members": []string{}})
	w.AsConsumer(http.MethodPost, "/clients/"+portal+"/purposes", map[string]any{"purposeId": w.purpose})
	for _, id := range []string{robot, portal} {
		dir := t.TempDir()
		run := func(lines string) string {
			t.Helper()
			c := exec.CommandContext(t.Context(), "sh", "-e", "-c", lines)
			c.Dir = dir
			out, err := c.Output()
			if err != nil {
				t.Fatalf("%v: %s\n%s", err, out, lines)
			}
			return string(out)
		}
		shown := v.Open("/office/clients/" + id)
		run(shown.Find("#make-keys").Text())
		public, err := os.ReadFile(filepath.Join(dir, "client.pub"))
		if err != nil {
			t.Fatal(err)
		}
		shown = shown.Click("Add a key").Press("Add a key", map[string]any{
			"name": "by openssl", "keyFile": officetest.File{Name: "client.pub", Content: string(public)},
		}).See("RS256, signing")
		lines, _, _ := strings.Cut(shown.Find("#get-voucher").Text(), "\n\n#")
		if answer := run(lines); !strings.Contains(answer, `"access_token"`) {
			t.Errorf("the lines get %s", answer)
		}
	}
}

// TestClientOfOthers: the producer sees of the consumer's client that it is there, and
// changes nothing of it.
func TestClientOfOthers(t *testing.T) {
	t.Parallel()
	w := newClientWorld(t)
	v := site.As(t, "producer")
	shown := v.Open(w.page("")).See("Client of another organization", w.client).Miss("Portal "+w.Suffix(), w.kid)
	if shown.Find("main form").Length() != 0 {
		t.Errorf("others have forms: %q", shown.Buttons())
	}
	for _, below := range []string{"/purposes", "/purposes/new", "/users", "/events", "/keys/new"} {
		if got := v.Get(w.page(below)); got.Status != http.StatusForbidden {
			t.Errorf("%s is answered %d: %s", below, got.Status, got.Words())
		}
	}
	token := v.Open("/office/clients/new").Token()
	for _, below := range []string{
		"/delete", "/keys/" + w.kid + "/delete", "/purposes/" + w.purpose + "/delete", "/purposes/new", "/users", "/admin",
	} {
		values := url.Values{"_csrf": {token}, "purposeId": {w.purpose}, "userId": {uuid.NewString()}, "adminId": {uuid.NewString()}}
		if got := v.Post(w.page(below), values); got.Status != http.StatusForbidden {
			t.Errorf("%s is answered %d: %s", below, got.Status, got.Words())
		}
	}
	if status := w.ask(); status != http.StatusOK {
		t.Errorf("a voucher is answered %d", status)
	}
	for _, path := range []string{"/office/clients/" + uuid.NewString(), "/office/clients/x", "/office/clients/..%2f..%2fusers"} {
		if got := v.Get(path); got.Status != http.StatusNotFound {
			t.Errorf("%s is answered %d: %s", path, got.Status, got.Words())
		}
	}
}
