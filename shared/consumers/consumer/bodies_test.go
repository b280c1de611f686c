package consumer_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"ciclo/shared/consumers"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/problem"
)

// TestBodiesInGeneral sends what is no JSON object to every operation with a body.
func TestBodiesInGeneral(t *testing.T) {
	embedded(t, func(t *testing.T, w world) {
		w = w.withReuse()
		for id, r := range w.fixture(t) {
			if !r.writes() {
				continue
			}
			optional := r.body == ""
			call := func(body string, header ...string) int {
				status := w.Call(t, writer, r.Method, r.path, body, header...).Status
				if status == http.StatusOK {
					w.register(t, "dan") // to be deleted again
				}
				return status
			}
			for _, body := range []string{"", "{}", "null", " null\n", `{"unknown":{"a":[1]}}`} {
				want := r.Status
				if !optional {
					want = http.StatusBadRequest
				}
				if got := call(body); got != want {
					t.Errorf("%s with body %q = %d, want %d", id, body, got, want)
				}
			}
			for _, body := range []string{"{", "[]", "[{}]", `"x"`, "1", "true", "{}{}", "{}x", `{"state":1}}`, "nul", "\xff", `{"a":1,}`, strings.Repeat(`{"a":`, 10001)} {
				if got := call(body); got != http.StatusBadRequest {
					t.Errorf("%s with body %.20q = %d, want 400", id, body, got)
				}
			}
			body := r.body
			if optional {
				body = "{}"
			}
			for size, want := range map[int]int{api.MaxBodyBytes: r.Status, api.MaxBodyBytes + 1: http.StatusRequestEntityTooLarge} {
				if got := call(body + strings.Repeat(" ", size-len(body))); got != want {
					t.Errorf("%s with %d bytes = %d, want %d", id, size, got, want)
				}
			}
			for kind, want := range map[string]int{
				"application/json": r.Status, "application/json; charset=utf-8": r.Status,
				"text/plain": 415, "application/xml": 415, "application/x-www-form-urlencoded": 415, "multipart/form-data; boundary=x": 415, "application/jsonx": 415,
			} {
				if got := call(body, "Content-Type", kind); got != want {
					t.Errorf("%s with Content-Type %s = %d, want %d", id, kind, got, want)
				}
			}
		}
	})
}

// field is a value of a member of a body, and whether it may be sent.
type field struct {
	name, value string
	refused     problem.Code // zero when it is fine
}

// texts are the edges of a text of 1 to most characters of an id.
func texts(name string, most int) []field {
	bad := consumers.FieldInvalidFormat
	return []field{
		{name, `"a"`, problem.Code{}},
		{name, fmt.Sprintf("%q", id(most)), problem.Code{}},
		{name, fmt.Sprintf("%q", id(most+1)), bad},
		{name, `""`, bad},
		{name, `"a\n"`, bad},
		{name, `"a b"`, bad},
		{name, `"é"`, bad},
		{name, `1`, bad},
		{name, `["a"]`, bad},
	}
}

// oneOf are the edges of an enumeration.
func oneOf(name string, values ...string) []field {
	bad := consumers.FieldInvalidValue
	fields := []field{{name, `""`, bad}, {name, `"` + strings.ToLower(values[0]) + `"`, bad}, {name, `"` + values[0] + ` "`, bad}, {name, `"OTHER"`, bad}, {name, `1`, consumers.FieldInvalidFormat}}
	for _, v := range values {
		fields = append(fields, field{name, `"` + v + `"`, problem.Code{}})
	}
	return fields
}

// eachField sends every field with the path and body of request, which also says
// under which name the field is refused.
func (w world) eachField(t *testing.T, r route, fields []field, request func(n int, f field) (path, body, name string)) {
	t.Helper()
	for n, f := range fields {
		var body, name string
		r.path, body, name = request(n, f)
		r.body = body
		res := w.send(t, writer, r)
		if f.refused.Name == "" && res.Status != r.Status {
			t.Errorf("%s with %s = %d, want %d\n%s", r.ID, body, res.Status, r.Status, res.Raw)
		}
		if f.refused.Name != "" {
			invalid(t, res, f.refused, name, r.ID+" with "+body)
		}
	}
}

func TestBodyFields(t *testing.T) {
	embedded(t, func(t *testing.T, w world) {
		requests := w.fixture(t)
		reasons := []field{
			{"reason", `"a"`, problem.Code{}},
			{"reason", `" "`, problem.Code{}},
			{"reason", `"` + strings.Repeat("Az 09", 13)[:64] + `"`, problem.Code{}},
		}
		for _, value := range []string{`""`, `"` + strings.Repeat("a", 65) + `"`, `"a\n"`, `"\na"`, `"a-b"`, `"a_b"`, `"é"`, `"a\u0000"`, `"a."`, `1`, `{}`} {
			reasons = append(reasons, field{"reason", value, consumers.FieldInvalidFormat})
		}
		w.eachField(t, requests["consumer/delete"], append(reasons, oneOf("reasonCode", "USER_DECISION", "ISSUER_DECISION")...),
			func(n int, f field) (string, string, string) {
				id := fmt.Sprintf("del-%d", n)
				w.register(t, id)
				return consumerPath(id) + "/operations:delete", fmt.Sprintf(`{%q:%s}`, f.name, f.value), "body." + f.name
			})

		products := []field{{"accountProductId", `"` + strings.Repeat("é", 64) + `"`, problem.Code{}}, {"accountProductId", `"` + strings.Repeat("a", 65) + `"`, consumers.FieldInvalidFormat}, {"accountProductId", `""`, consumers.FieldInvalidFormat}}
		w.eachField(t, requests["account/register"], append(products, oneOf("state", "ACTIVE", "INACTIVE")...),
			func(_ int, f field) (string, string, string) {
				body := fmt.Sprintf(`{"consumerId":"ann","state":"ACTIVE",%q:%s}`, f.name, f.value)
				if f.name == "state" {
					body = fmt.Sprintf(`{"consumerId":"ann","state":%s}`, f.value)
				}
				return accountPath("acc-c1"), body, "body." + f.name
			})
		for body, name := range map[string]string{`{"state":"ACTIVE"}`: "body.consumerId", `{"consumerId":"ann"}`: "body.state"} {
			res := w.Call(t, writer, "PUT", accountPath("acc-c1"), body)
			invalid(t, res, consumers.FieldInvalidValue, name, body)
		}
		w.register(t, "a")
		w.register(t, id(64))
		w.eachField(t, requests["account/register"], texts("consumerId", 64), func(n int, f field) (string, string, string) {
			return accountPath(fmt.Sprintf("of-%d", n)), fmt.Sprintf(`{"consumerId":%s,"state":"ACTIVE"}`, f.value), "body.consumerId"
		})

		w.eachField(t, requests["digitalcard/register"], oneOf("state", "ACTIVE", "INACTIVE", "SUSPENDED"),
			func(_ int, f field) (string, string, string) {
				return digitalCardPath("c1", "d1"), fmt.Sprintf(`{%q:%s}`, f.name, f.value), "body." + f.name
			})

		cards := append(texts("cardId", 48), texts("accountId", 64)...)
		cards = append(append(cards, texts("cardProductId", 48)...), oneOf("state", "ACTIVE", "INACTIVE")...)
		w.eachField(t, requests["consumer/register-cards"], cards, func(_ int, f field) (string, string, string) {
			entry := fmt.Sprintf(`{"cardId":"x",%q:%s}`, f.name, f.value)
			if f.name == "cardId" {
				entry = fmt.Sprintf(`{"cardId":%s}`, f.value)
			}
			return consumerPath("ann") + "/cards", `{"cards":[{"cardId":"c1","accountId":"acc-c1"},` + entry + `]}`, "body.cards[1]." + f.name
		})
	})
}

func TestCardsOfOneCall(t *testing.T) {
	embedded(t, func(t *testing.T, w world) {
		path := consumerPath("ann") + "/cards"
		for body, name := range map[string]string{
			`{"cards":[]}`: "body.cards",
			`{}`:           "body.cards",
			cardsBody(names("many", maxAtOnce/2+1)...): "body.cards",
			`{"cards":[{}]}`: "body.cards[0].cardId",
		} {
			invalid(t, w.Call(t, writer, "PUT", path, body), consumers.FieldInvalidValue, name, fmt.Sprintf("%.40s", body))
		}
		for body, name := range map[string]string{`{"cards":null}`: "body.cards", `{"cards":{}}`: "body.cards", `{"cards":[null]}`: "body.cards[0]", `{"cards":["c"]}`: "body.cards[0]"} {
			invalid(t, w.Call(t, writer, "PUT", path, body), consumers.FieldInvalidFormat, name, body)
		}
		invalid(t, w.Call(t, writer, "PUT", path, cardsBody("a", "b", "a")), consumers.FieldInvalidValue, "body.cards[2].cardId", "a card that comes twice")
		if s := w.stored(t, "ann"); s.State != "" {
			t.Fatalf("refused calls registered %+v", s)
		}

		w.cards(t, "ann", names("c", maxAtOnce/2)...)
		if s := w.stored(t, "ann"); s.Accounts != 48 || s.Cards != 48 || s.Version != 1 {
			t.Errorf("48 cards with an account each are stored as %+v", s)
		}
		w.want(t, http.StatusNoContent, "PUT", path, `{"cards":[{"cardId":"same-1"},{"cardId":"same-2","cardProductId":"gold","state":"INACTIVE"}]}`)
		if s := w.stored(t, "ann"); s.Accounts != 49 || s.Cards != 50 || s.Version != 2 {
			t.Errorf("two cards without an account lead to %+v, want one account named like the consumer", s)
		}
		card := w.want(t, http.StatusOK, "GET", cardPath("same-2"), "")
		if card.Text("accountId") != "ann" || card.Text("cardProductId") != "gold" || card.Text("state") != "INACTIVE" {
			t.Errorf("card = %s", card.Raw)
		}
		w.sound(t, "ann")
	})
}

// jwe makes a compact JWE of the form that D1 asks for, with other parts where given.
func jwe(other map[int]string) string {
	parts := []string{
		`{"alg":"ECDH-ES","enc":"A256GCM","kid":"key-1","epk":{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}}`,
		"", strings.Repeat("i", 12), "ciphertext", strings.Repeat("t", 16),
	}
	for i, p := range parts {
		if o, ok := other[i]; ok {
			p = o
		}
		parts[i] = base64.RawURLEncoding.EncodeToString([]byte(p))
	}
	return strings.Join(parts, ".")
}

func TestEncryptedData(t *testing.T) {
	embedded(t, func(t *testing.T, w world) {
		good := jwe(nil)
		longest := jwe(map[int]string{3: strings.Repeat("c", 12000)})
		tooLong := jwe(map[int]string{3: strings.Repeat("c", 12001+(16384-len(longest))*3/4)})
		longest = jwe(map[int]string{3: strings.Repeat("c", 12000+(16384-len(longest))*3/4)})
		if len(longest) != 16384 || len(tooLong) > 16386 {
			t.Fatalf("%d and %d characters do not test the bound of 16384", len(longest), len(tooLong))
		}
		call := func(data string) (string, int) {
			body := fmt.Sprintf(`{"cards":[{"cardId":"c1","encryptedData":%q}]}`, data)
			res := w.Call(t, writer, "PUT", consumerPath("ann")+"/cards", body)
			if res.Status == http.StatusBadRequest {
				invalid(t, res, consumers.FieldInvalidFormat, "body.cards[0].encryptedData", data)
				if strings.Contains(res.Raw, data) && data != "" {
					t.Errorf("the answer repeats the data:\n%s", res.Raw)
				}
			}
			return res.Raw, res.Status
		}
		for name, data := range map[string]string{
			"plain": good, "other header members": jwe(map[int]string{0: `{"typ":"JOSE","alg":"ECDH-ES","enc":"A256GCM","kid":"1","cty":"json"}`}), "longest": longest,
		} {
			if raw, status := call(data); status != http.StatusNoContent {
				t.Errorf("%s (%d characters): %d\n%s", name, len(data), status, raw)
			}
		}
		for name, data := range map[string]string{
			"too long":         tooLong,
			"four parts":       good[:strings.LastIndex(good, ".")],
			"six parts":        good + ".",
			"no dots":          "data",
			"padding":          good + "=",
			"other base64":     strings.Replace(good, ".Y2lw", ".Y2+w", 1),
			"stray bits":       good[:len(good)-1] + "B",
			"line break":       strings.Replace(good, ".Y2lw", ".Y2\nlw", 1),
			"carriage return":  good + "\r",
			"space":            good + " ",
			"no JSON":          jwe(map[int]string{0: `alg`}),
			"no object":        jwe(map[int]string{0: `["ECDH-ES"]`}),
			"null":             jwe(map[int]string{0: `null`}),
			"RSA":              jwe(map[int]string{0: `{"alg":"RSA-OAEP","enc":"A256GCM","kid":"1"}`}),
			"alg none":         jwe(map[int]string{0: `{"alg":"none","enc":"A256GCM","kid":"1"}`}),
			"CBC":              jwe(map[int]string{0: `{"alg":"ECDH-ES","enc":"A256CBC-HS512","kid":"1"}`}),
			"no kid":           jwe(map[int]string{0: `{"alg":"ECDH-ES","enc":"A256GCM"}`}),
			"kid a number":     jwe(map[int]string{0: `{"alg":"ECDH-ES","enc":"A256GCM","kid":1}`}),
			"names in capital": jwe(map[int]string{0: `{"ALG":"ECDH-ES","ENC":"A256GCM","KID":"1"}`}),
			"encrypted key":    jwe(map[int]string{1: "key"}),
			"no base64":        strings.Replace(good, "..", ".=.", 1),
			"short IV":         jwe(map[int]string{2: "short"}),
			"no ciphertext":    jwe(map[int]string{3: ""}),
			"long tag":         jwe(map[int]string{4: strings.Repeat("t", 17)}),
			"a signed token":   "eyJhbGciOiJIUzI1NiJ9.e30.c2ln",
		} {
			if raw, status := call(data); status != http.StatusBadRequest {
				t.Errorf("%s: %d, want 400\n%s", name, status, raw)
			}
		}
	})
}
