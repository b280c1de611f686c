package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/apitest"
)

// Sizes is embedded, so huma needs an exported name.
type Sizes struct {
	Size string `json:"size" enum:"S,M"`
}

type ordered struct {
	Sizes
	Kind   string  `json:"kind,omitempty" enum:"a,b"`
	Number float64 `json:"number,omitempty"`
	Whole  int     `json:"whole,omitempty"`
	Parts  []Sizes `json:"parts,omitempty"`
	Cover  *Sizes  `json:"cover,omitempty"`
}

type orderInput struct{ Body ordered }

type orderOutput struct{ Body ordered }

// TestLookalikes sends members with names that differ only in case from those of the
// schema. They are dropped with any value, at every level.
func TestLookalikes(t *testing.T) {
	t.Parallel()
	op := api.Operation[store, orderInput, orderOutput]{
		Spec: func() api.Spec {
			return api.Spec{ID: "thing/order", Method: "POST", Path: "/orders", Product: product, Scopes: []string{"full"}, Status: 200}
		},
		Open: func(d api.Deps) (*store, error) { return &store{d}, nil },
		Run: func(_ *store, _ context.Context, in *orderInput) (*orderOutput, error) {
			return &orderOutput{Body: in.Body}, nil
		},
	}
	w := apitest.New(nil, []api.Op{op})
	for body, want := range map[string]string{
		`{"size":"S"}`:                                     `{"size":"S"}`,
		`{"size":"S","SIZE":"X","Size":7}`:                 `{"size":"S"}`,
		`{"SIZE":"X","size":"S"}`:                          `{"size":"S"}`,
		`{"size":"S","ſize":"X","\u212Aind":"c"}`:          `{"size":"S"}`,
		`{"size":"S","Kind":"c"}`:                          `{"size":"S"}`,
		`{"size":"S","number":1e3,"Number":"x"}`:           `{"size":"S","number":1000}`,
		`{"size":"S","parts":[{"size":"M","Size":"X"}]}`:   `{"size":"S","parts":[{"size":"M"}]}`,
		`{"size":"S","cover":{"Size":"X","size":"M"}}`:     `{"size":"S","cover":{"size":"M"}}`,
		`{"size":"S","other":{"size":"X"},"Parts":"none"}`: `{"size":"S"}`,
	} {
		res := w.Call(t, me, "POST", "/orders", body)
		var got, wanted any
		_ = json.Unmarshal([]byte(want), &wanted)
		if err := json.Unmarshal([]byte(res.Raw), &got); err != nil || res.Status != 200 || !equal(got, wanted) {
			t.Errorf("%s = %d %s, want %s", body, res.Status, res.Raw, want)
		}
	}
	if res := w.Call(t, me, "POST", "/orders", `{"Size":"S"}`); res.Status != 400 {
		t.Errorf("a lookalike of a required member = %d, want 400", res.Status)
	}
}

func equal(a, b any) bool {
	x, _ := json.Marshal(a)
	y, _ := json.Marshal(b)
	return bytes.Equal(x, y)
}
