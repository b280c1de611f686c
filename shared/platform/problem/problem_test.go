package problem_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ciclo/shared/platform/problem"
)

// TestCodesAreUnique reads the catalogue's source, so that a code added later
// is held to the rule without being listed here.
func TestCodesAreUnique(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range sources {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		checkCodes(t, file, seen)
	}
	if len(seen) < 10 {
		t.Fatalf("found %d codes; the catalogue was not read", len(seen))
	}
}

func checkCodes(t *testing.T, file ast.Node, seen map[string]bool) {
	t.Helper()
	ast.Inspect(file, func(n ast.Node) bool {
		lit, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		if id, ok := lit.Type.(*ast.Ident); !ok || id.Name != "Code" || len(lit.Elts) == 0 {
			return true
		}
		name := strings.Trim(lit.Elts[0].(*ast.BasicLit).Value, `"`)
		number := regexp.MustCompile(`^([0-9]{3}-[0-9]{4,5}|00[15]-00[79])$`).MatchString(name)
		if !number && !regexp.MustCompile(`^[A-Z][A-Z_]+$`).MatchString(name) {
			t.Errorf("code %q is neither upper case with underscores nor a number of PDND", name)
		}
		if number { // which PDND answers with one status or another, by operation
			status, _ := lit.Elts[1].(*ast.SelectorExpr)
			name += " " + status.Sel.Name
		}
		if seen[name] {
			t.Errorf("code %q is declared twice", name)
		}
		seen[name] = true
		return true
	})
}

func TestConsumersProblem(t *testing.T) {
	t.Parallel()
	p := problem.New(problem.FieldInvalidFormat, "1 field is not as it must be")
	p.Fields = []problem.Field{{Name: "body.reason", Code: "FIELD_INVALID_FORMAT", Detail: `must match ^[a-zA-Z0-9 ]{1,64}$`}}
	body := problem.Consumers.Body(p, "abc").(problem.ConsumersProblem)
	if body.Status != 400 || body.ErrorCode != "FIELD_INVALID_FORMAT" || body.CorrelationID != "abc" || len(body.Errors) != 1 {
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
		if got := problem.ErrorText(s); !allowed.MatchString(got) || len(got) > 256 {
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
		if got := problem.ErrorText(text); got != want {
			t.Errorf("ErrorText(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestAsFindsWrappedProblems(t *testing.T) {
	t.Parallel()
	cause := errors.New("disk")
	p := problem.New(problem.InternalError, "sorry").Because(cause)
	if got := problem.As(errors.Join(errors.New("other"), p)); got != p {
		t.Errorf("As = %v, want %v", got, p)
	}
	if !errors.Is(p, cause) || problem.As(cause) != nil {
		t.Error("a problem must unwrap to its cause, and a plain error is no problem")
	}
}
