package consumers_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"ciclo/shared/consumers"
	"ciclo/shared/platform/problem"
)

func TestConsumersProblem(t *testing.T) {
	t.Parallel()
	p := problem.New(consumers.FieldInvalidFormat, "1 field is not valid")
	p.Fields = []problem.Field{{Name: "body.reason", Code: consumers.FieldInvalidFormat.Name, Detail: `must match ^[a-zA-Z0-9 ]{1,64}$`}}
	body := consumers.Product.Body(p, "abc").(consumers.ConsumersProblem)
	if body.Status != http.StatusBadRequest || body.ErrorCode != consumers.FieldInvalidFormat.Name || body.CorrelationID != "abc" || len(body.Errors) != 1 {
		t.Errorf("body = %+v", body)
	}
	if !strings.HasPrefix(body.Error, "body.reason: must match '[a-zA-Z0-9 ]{1,64}'") {
		t.Errorf("error = %q, want the first offending field within D1's characters", body.Error)
	}
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	allowed := regexp.MustCompile(`^[a-zA-Z0-9_ /\\\[\],.'#;:{}()?!*-]*$`) // D1 v1, operation.error
	for _, s := range []string{"", "plain", "a\nb<c>\"d\"é%", strings.Repeat("é", 400), strings.Repeat("x", 300)} {
		if got := consumers.ErrorText(s); !allowed.MatchString(got) || len(got) > 256 {
			t.Errorf("ErrorText(%q) = %q", s, got)
		}
	}
}

func TestErrorTextKeepsComparisons(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"body.cards: expected array length >= 1":        "body.cards: expected array length at least 1",
		"a <= 2, b < 3, c > 4, d = 5 & more":            "a at most 2, b less than 3, c more than 4, d equal to 5 and more",
		"Send a token as Authorization: Bearer <token>": "Send a token as Authorization: Bearer 'token'",
	} {
		if got := consumers.ErrorText(text); got != want {
			t.Errorf("ErrorText(%q) = %q, want %q", text, got, want)
		}
	}
}
