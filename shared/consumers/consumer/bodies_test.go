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

// TestBodiesInGeneral sends bodies that are not JSON objects to every operation with a body.
func TestBodiesInGeneral(t *testing.T) {
	embedded(t, func(w *world) {
		w = w.withReuse()
		for _, r := range w.fixture() {
			if r.writes() {
				w.eachBody(r)
			}
		}
	})
}

// eachBody sends bodies in general to one operation.
func (w *world) eachBody(r route) {
	w.Helper()
	send := func(want int, what, body string, header ...string) {
		w.Helper()
		got := w.As(writer, r.Method, r.path, body, header...).Status
		if got != want {
			w.Errorf("%s with %.40q = %d, want %d", r.ID, what, got, want)
		}
		if got == http.StatusOK {
			w.register("dan") // to be deleted again
		}
	}
	empty := http.StatusBadRequest
	body := r.body
	if r.body == "" {
		empty = r.Status
		body = "{}"
	}
	for _, b := range []string{"", "{}", "null", " null\n", `{"unknown":{"a":[1]}}`} {
		send(empty, b, b)
	}
	for _, b := range []string{
		"{", "[]", "[{}]", `"x"`, "1", "true", "{}{}", "{}x", `{"state":1}}`, "nul", "\xff", `{"a":1,}`,
		strings.Repeat(`{"a":`, 10001),
	} {
		send(http.StatusBadRequest, b, b)
	}
	padded := func(size int) string { return body + strings.Repeat(" ", size-len(body)) }
	send(r.Status, "the longest body", padded(api.MaxBodyBytes))
	send(http.StatusRequestEntityTooLarge, "a byte more", padded(api.MaxBodyBytes+1))
	for _, kind := range []string{"application/json", "application/json; charset=utf-8"} {
		send(r.Status, kind, body, "Content-Type", kind)
	}
	for _, kind := range []string{
		"text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/jsonx",
	} {
		send(http.StatusUnsupportedMediaType, kind, body, "Content-Type", kind)
	}
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
	fields := []field{
		{name, `""`, bad},
		{name, `"` + strings.ToLower(values[0]) + `"`, bad},
		{name, `"` + values[0] + ` "`, bad},
		{name, `"OTHER"`, bad},
		{name, `1`, consumers.FieldInvalidFormat},
	}
	for _, v := range values {
		fields = append(fields, field{name, `"` + v + `"`, problem.Code{}})
	}
	return fields
}

// eachField sends a request for each field. request returns the path, the body, and the name
// under which the field is refused.
func (w *world) eachField(r route, fields []field, request func(n int, f field) (path, body, name string)) {
	w.Helper()
	for n, f := range fields {
		var body, name string
		r.path, body, name = request(n, f)
		r.body = body
		res := w.send(writer, r)
		if f.refused.Name == "" && res.Status != r.Status {
			w.Errorf("%s with %s = %d, want %d\n%s", r.ID, body, res.Status, r.Status, res.Raw)
		}
		if f.refused.Name != "" {
			invalid(w.TB, res, f.refused, name, r.ID+" with "+body)
		}
	}
}

func TestBodyFields(t *testing.T) {
	embedded(t, func(w *world) {
		requests := w.fixture()
		reasons := []field{
			{"reason", `"a"`, problem.Code{}},
			{"reason", `" "`, problem.Code{}},
			{"reason", `"` + strings.Repeat("Az 09", 13)[:64] + `"`, problem.Code{}},
		}
		for _, value := range []string{
			`""`, `"` + strings.Repeat("a", 65) + `"`, `"a\n"`, `"\na"`, `"a-b"`, `"a_b"`, `"é"`, `"a\u0000"`,
			`"a."`, `1`, `{}`,
		} {
			reasons = append(reasons, field{"reason", value, consumers.FieldInvalidFormat})
		}
		w.eachField(requests["consumer/delete"], append(reasons, oneOf("reasonCode", "USER_DECISION", "ISSUER_DECISION")...),
			func(n int, f field) (string, string, string) {
				id := fmt.Sprintf("del-%d", n)
				w.register(id)
				return consumerPath(id) + "/operations:delete", fmt.Sprintf(`{%q:%s}`, f.name, f.value), "body." + f.name
			})

		products := []field{
			{"accountProductId", `"` + strings.Repeat("é", 64) + `"`, problem.Code{}},
			{"accountProductId", `"` + strings.Repeat("a", 65) + `"`, consumers.FieldInvalidFormat},
			{"accountProductId", `""`, consumers.FieldInvalidFormat},
		}
		w.eachField(requests["account/register"], append(products, oneOf("state", "ACTIVE", "INACTIVE")...),
			func(_ int, f field) (string, string, string) {
				body := fmt.Sprintf(`{"consumerId":"ann","state":"ACTIVE",%q:%s}`, f.name, f.value)
				if f.name == "state" {
					body = fmt.Sprintf(`{"consumerId":"ann","state":%s}`, f.value)
				}
				return accountPath("acc-c1"), body, "body." + f.name
			})
		for body, name := range map[string]string{`{"state":"ACTIVE"}`: "body.consumerId", `{"consumerId":"ann"}`: "body.state"} {
			res := w.As(writer, "PUT", accountPath("acc-c1"), body)
			invalid(w.TB, res, consumers.FieldInvalidValue, name, body)
		}
		w.register("a")
		w.register(id(64))
		w.eachField(requests["account/register"], texts("consumerId", 64), func(n int, f field) (string, string, string) {
			return accountPath(fmt.Sprintf("of-%d", n)), fmt.Sprintf(`{"consumerId":%s,"state":"ACTIVE"}`, f.value), "body.consumerId"
		})

		w.eachField(requests["digitalcard/register"], oneOf("state", "ACTIVE", "INACTIVE", "SUSPENDED"),
			func(_ int, f field) (string, string, string) {
				return digitalCardPath("c1", "d1"), fmt.Sprintf(`{%q:%s}`, f.name, f.value), "body." + f.name
			})

		cards := append(texts("cardId", 48), texts("accountId", 64)...)
		cards = append(append(cards, texts("cardProductId", 48)...), oneOf("state", "ACTIVE", "INACTIVE")...)
		w.eachField(requests["consumer/register-cards"], cards, func(_ int, f field) (string, string, string) {
			entry := fmt.Sprintf(`{"cardId":"x",%q:%s}`, f.name, f.value)
			if f.name == "cardId" {
				entry = fmt.Sprintf(`{"cardId":%s}`, f.value)
			}
			return consumerPath("ann") + "/cards", `{"cards":[{"cardId":"c1","accountId":"acc-c1"},` + entry + `]}`, "body.cards[1]." + f.name
		})
	})
}

func TestCardsOfOneCall(t *testing.T) {
	embedded(t, func(w *world) {
		path := consumerPath("ann") + "/cards"
		for body, name := range map[string]string{
			`{"cards":[]}`: "body.cards",
			`{}`:           "body.cards",
			cardsBody(names("many", maxAtOnce/2+1)...): "body.cards",
			`{"cards":[{}]}`: "body.cards[0].cardId",
		} {
			invalid(w.TB, w.As(writer, "PUT", path, body), consumers.FieldInvalidValue, name, fmt.Sprintf("%.40s", body))
		}
		for body, name := range map[string]string{
			`{"cards":null}`: "body.cards", `{"cards":{}}`: "body.cards",
			`{"cards":[null]}`: "body.cards[0]", `{"cards":["c"]}`: "body.cards[0]",
		} {
			invalid(w.TB, w.As(writer, "PUT", path, body), consumers.FieldInvalidFormat, name, body)
		}
		invalid(w.TB, w.As(writer, "PUT", path, cardsBody("a", "b", "a")), consumers.FieldInvalidValue, "body.cards[2].cardId",
			"a card that comes twice")
		if s := w.stored("ann"); s.State != "" {
			w.Fatalf("refused calls registered %+v", s)
		}

		w.cards("ann", names("c", maxAtOnce/2)...)
		if s := w.stored("ann"); s.Accounts != 48 || s.Cards != 48 || s.Version != 1 {
			w.Errorf("48 cards with an account each are stored as %+v", s)
		}
		w.answers(http.StatusNoContent, "PUT", path,
			`{"cards":[{"cardId":"same-1"},{"cardId":"same-2","cardProductId":"gold","state":"INACTIVE"}]}`)
		if s := w.stored("ann"); s.Accounts != 49 || s.Cards != 50 || s.Version != 2 {
			w.Errorf("two cards without an account lead to %+v, want one account named like the consumer", s)
		}
		card := w.answers(http.StatusOK, "GET", cardPath("same-2"), "")
		if card.Text("accountId") != "ann" || card.Text("cardProductId") != "gold" || card.Text("state") != "INACTIVE" {
			w.Errorf("card = %s", card.Raw)
		}
		w.sound("ann")
	})
}

// jwe returns a compact JWE as D1 requires it, with other parts where they are given.
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
	embedded(t, func(w *world) {
		good := jwe(nil)
		longest := jwe(map[int]string{3: strings.Repeat("c", 12000)})
		tooLong := jwe(map[int]string{3: strings.Repeat("c", 12001+(16384-len(longest))*3/4)})
		longest = jwe(map[int]string{3: strings.Repeat("c", 12000+(16384-len(longest))*3/4)})
		if len(longest) != 16384 || len(tooLong) > 16386 {
			w.Fatalf("%d and %d characters do not test the bound of 16384", len(longest), len(tooLong))
		}
		call := func(data string) (string, int) {
			body := fmt.Sprintf(`{"cards":[{"cardId":"c1","encryptedData":%q}]}`, data)
			res := w.As(writer, "PUT", consumerPath("ann")+"/cards", body)
			if res.Status == http.StatusBadRequest {
				invalid(w.TB, res, consumers.FieldInvalidFormat, "body.cards[0].encryptedData", data)
				if strings.Contains(res.Raw, data) && data != "" {
					w.Errorf("the answer repeats the data:\n%s", res.Raw)
				}
			}
			return res.Raw, res.Status
		}
		for name, data := range map[string]string{
			"plain":                good,
			"other header members": jwe(map[int]string{0: `{"typ":"JOSE","alg":"ECDH-ES","enc":"A256GCM","kid":"1","cty":"json"}`}),
			"longest":              longest,
		} {
			if raw, status := call(data); status != http.StatusNoContent {
				w.Errorf("%s (%d characters): %d\n%s", name, len(data), status, raw)
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
				w.Errorf("%s: %d, want 400\n%s", name, status, raw)
			}
		}
	})
}
