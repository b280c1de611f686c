package api_test

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/testing/apitest"
)

// slip returns an operation with a body of JSON, a form, or either.
func slip(form api.Form, run func(context.Context, *slipInput) error) api.Op {
	p := keyed()
	return api.Operation[store, slipInput, struct{}]{
		Spec: func() api.Spec {
			return api.Spec{
				ID: "slip/send", Method: "POST", Path: p.Base + "/slips", Tag: "Slips", Product: p, Form: form,
				Public: true, Status: http.StatusNoContent,
			}
		},
		Open: func(d api.Deps) (*store, error) { return &store{d}, nil },
		Run: func(_ *store, ctx context.Context, in *slipInput) (*struct{}, error) {
			return &struct{}{}, run(ctx, in)
		},
	}
}

type slipInput struct {
	Body struct {
		First  string `json:"first_name" minLength:"1" maxLength:"5"`
		Second string `json:"second,omitempty"`
	}
}

const asForm = "application/x-www-form-urlencoded"

// TestForms sends bodies of every kind to operations that take them and that do not.
func TestForms(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		form             api.Form
		media, body, got string
		status           int
	}{
		{api.FormOnly, asForm, "first_name=a&second=b%2Bc+d", "a|b+c d", 204},
		{api.FormOnly, asForm + "; charset=utf-8", "first_name=a", "a|", 204},
		{api.FormOnly, strings.ToUpper(asForm), "first_name=a&second=", "a|", 204},
		{api.FormOnly, asForm, "first_name=a&other=1", "a|", 204},
		{api.FormOnly, asForm, "first_name=a&first_name=a", "", 400},
		{api.FormOnly, asForm, "first_name=a&x=1&x=2", "", 400},
		{api.FormOnly, asForm, "first_name=abcdef", "", 400},
		{api.FormOnly, asForm, "second=b", "", 400},
		{api.FormOnly, asForm, "", "", 400},
		{api.FormOnly, asForm, "first_name=%zz", "", 400},
		{api.FormOnly, asForm, "first_name=a;second=b", "", 400},
		{api.FormOnly, asForm, `{"first_name":"a"}`, "", 400},
		{api.FormOnly, "application/json", `{"first_name":"a"}`, "", 415},
		{api.FormOnly, "text/plain", "first_name=a", "", 415},
		{api.FormOnly, "", "first_name=a", "", 415},
		{api.FormOnly, "/", "first_name=a", "", 415},
		{api.FormToo, asForm, "first_name=a", "a|", 204},
		{api.FormToo, "application/json", `{"first_name":"a","second":"b"}`, "a|b", 204},
		{api.FormToo, "text/plain", "first_name=a", "", 415},
		{api.NoForm, asForm, "first_name=a", "", 415},
		{api.NoForm, "application/json", `{"first_name":"a"}`, "a|", 204},
	} {
		got := ""
		w := apitest.New(nil, []api.Op{slip(tc.form, func(_ context.Context, in *slipInput) error {
			got = in.Body.First + "|" + in.Body.Second
			return nil
		})})
		res := w.Call(t, nil, "POST", "/manage/slips", tc.body, "Content-Type", tc.media)
		if res.Status != tc.status || got != tc.got {
			t.Errorf("%d: %s as %q = %d %q, want %d %q\n%s", tc.form, tc.body, tc.media, res.Status, got, tc.status, tc.got, res.Raw)
		}
	}
}

// TestFormsInTheDocument checks that the document has the media types that each takes.
func TestFormsInTheDocument(t *testing.T) {
	t.Parallel()
	for form, want := range map[api.Form][2]bool{api.NoForm: {true, false}, api.FormToo: {true, true}, api.FormOnly: {false, true}} {
		h, err := api.NewHandler(apitest.New(nil, nil).Deps(), slip(form, nil))
		if err != nil {
			t.Fatal(err)
		}
		document, err := h.OpenAPI()
		if err != nil {
			t.Fatal(err)
		}
		_, request, _ := strings.Cut(string(document), `"requestBody"`)
		request, _, _ = strings.Cut(request, `"responses"`)
		if got := [2]bool{strings.Contains(request, `"application/json"`), strings.Contains(request, asForm)}; got != want {
			t.Errorf("%d: JSON and form are %v, want %v\n%s", form, got, want, request)
		}
	}
}
