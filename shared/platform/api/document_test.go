package api_test

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/apitest"
	"ciclo/shared/platform/testing/problemtest"
)

// answersMade and requestsMade count how often huma describes these types.
var answersMade, requestsMade atomic.Int32

type (
	describedAnswer  struct{ Size, Code string }
	describedRequest struct {
		Size string `json:"size" maxLength:"3"`
		Code string `json:"code,omitempty" minLength:"1" maxLength:"3" pattern:"^[a-z]*$" patternDescription:"^[a-z]{1,3}$"`
	}
	describedInput  struct{ Body describedRequest }
	describedOutput struct{ Body describedAnswer }
)

func (describedAnswer) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	answersMade.Add(1)
	return s
}

func (describedRequest) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	requestsMade.Add(1)
	return s
}

// TestServesWithoutDocument: to serve an operation takes no description of its answers, and
// that of its body with the first one.
func TestServesWithoutDocument(t *testing.T) {
	t.Parallel()
	op := api.Operation[store, describedInput, describedOutput]{
		Spec: func() api.Spec {
			return api.Spec{
				ID: "thing/make", OperationID: "makeThing", Method: "POST", Path: "/things", Tag: "Things",
				Product: &api.Product{Product: problemtest.Product, Scheme: api.Bearer}, Status: 200,
			}
		},
		Open: func(d api.Deps) (*store, error) { return &store{d}, nil },
		Run: func(_ *store, _ context.Context, in *describedInput) (*describedOutput, error) {
			return &describedOutput{Body: describedAnswer(in.Body)}, nil
		},
	}
	w := apitest.New(nil, []api.Op{op})
	h, err := api.NewHandler(w.Deps(), op)
	if err != nil {
		t.Fatal(err)
	}
	if a, r := answersMade.Load(), requestsMade.Load(); a != 0 || r != 0 {
		t.Errorf("%d answers and %d requests are described by a handler that has answered nothing", a, r)
	}
	for body, want := range map[string]string{
		`{"size":"S","code":"s"}`: "", `{"size":"XXXL"}`: "expected length <= 3",
		`{"size":"S","code":"S"}`:    `expected string to match pattern ^[a-z]{1,3}$`,
		`{"size":"S","code":"SSSS"}`: "expected length <= 3",
	} {
		if res := w.Call(t, me, "POST", "/things", body); (res.Status == 400) != (want != "") || !strings.Contains(res.Raw, want) {
			t.Errorf("%s: %d %s, want %s", body, res.Status, res.Raw, want)
		}
	}
	if a, r := answersMade.Load(), requestsMade.Load(); a != 0 || r != 1 {
		t.Errorf("%d answers and %d requests are described after requests, want 0 and 1", a, r)
	}
	doc, err := h.OpenAPI()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(doc), "DescribedAnswer") || answersMade.Load() == 0 {
		t.Errorf("the document has no DescribedAnswer:\n%s", doc)
	}
	if !strings.Contains(string(doc), `"pattern": "^[a-z]{1,3}$"`) || strings.Contains(string(doc), "patternDescription") {
		t.Errorf("the document does not have the published pattern:\n%s", doc)
	}
}
