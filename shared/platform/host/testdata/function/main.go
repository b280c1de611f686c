// Command function is an artifact with one of each kind of function.
package main

import (
	"context"
	"errors"
	"net/http"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/blob"
	"ciclo/shared/platform/blob/folder"
	"ciclo/shared/platform/host"
	"ciclo/shared/platform/seal"
	"ciclo/shared/platform/seal/local"
	"ciclo/shared/platform/sign"
	signlocal "ciclo/shared/platform/sign/local"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/testing/problemtest"
)

type input struct {
	ID string `path:"id"`
}

type output struct {
	Body struct {
		ID string `json:"id"`
	}
}

var things = table.Schema{Name: "things"}

func access() []api.Access {
	return []api.Access{{Table: things, Actions: []string{"GetItem"}}}
}

func open(deps api.Deps) (*api.Deps, error) {
	if deps.Setting("REFUSE") != "" {
		return nil, errors.New("REFUSE is set")
	}
	return &deps, nil
}

func main() {
	host.Start([]api.Op{thing, token, picture},
		host.Worker(worker), host.Job(job), host.Authorizer(authorizer),
		host.Sealer(sealer), host.Blobs(pictures), host.Signer(signer), host.Keys(sign.KeysFromEnv))
}

var thing = api.Operation[api.Deps, input, output]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "thing/get", Method: http.MethodGet, Path: "/things/{id}", Product: product,
			Scopes: []string{"read"}, Status: http.StatusOK, Access: access(), Settings: []string{"REFUSE"},
		}
	},
	Open: open, Run: get,
}

var worker = api.Worker[api.Deps]{
	ID: "thing/worker", Table: &things, Open: open, Access: access,
	Handle: func(_ *api.Deps, _ context.Context, c table.Change) error {
		if c.Key != (table.Key{Table: "things", PK: "p", SK: "s"}) {
			return errors.New("unexpected key")
		}
		return nil
	},
}

var job = api.Job[api.Deps, int, int]{
	ID: "thing/job", Open: open, Access: access, Needs: []api.Need{api.NeedSeal},
	Run: func(_ *api.Deps, _ context.Context, n int) (int, error) { return n + 1, nil },
}

var authorizer = api.Authorizer[keys]{
	ID: "authorizer/key", Refusal: errRefused, Access: access(),
	Open: func(deps api.Deps) (keys, error) {
		_, err := open(deps)
		return keys{}, err
	},
}

var product = &api.Product{Product: problemtest.Product, Scheme: api.Bearer, Pass: api.ByTenant}

func get(deps *api.Deps, ctx context.Context, in *input) (*output, error) {
	switch in.ID {
	case "panic":
		panic("boom")
	case "stored":
		_, err := deps.DB.Get(ctx, table.Key{Table: "things", PK: "p", SK: "s"})
		return nil, err
	}
	out := &output{}
	out.Body.ID = in.ID
	return out, nil
}

var errRefused = errors.New("refused")

type keys struct{}

// Authenticate knows one caller.
func (keys) Authenticate(_ context.Context, header string) (api.Identity, error) {
	if header != "Bearer good" {
		return api.Identity{}, errRefused
	}
	return api.Identity{Subject: "s", UsageKey: "plan"}, nil
}

func sealer(getenv func(string) string) (seal.Sealer, error) { return local.Open(getenv("SEAL_FILE")) }

func signer(getenv func(string) string) (*sign.Signer, error) {
	return signlocal.Open(getenv("SIGN_FILE"))
}

type tokenOutput struct{ Body struct{ Token, Keys string } }

// token answers a token and the published keys, which need not verify it.
var token = api.Operation[api.Deps, struct{}, tokenOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "token/get", Method: http.MethodGet, Path: "/token", Product: product,
			Scopes: []string{"read"}, Status: http.StatusOK, Needs: []api.Need{api.NeedSign, api.NeedPublicKeys},
		}
	},
	Open: open,
	Run: func(deps *api.Deps, ctx context.Context, _ *struct{}) (*tokenOutput, error) {
		out := &tokenOutput{}
		var err error
		out.Body.Token, err = deps.Signer.Sign(ctx, "at+jwt", map[string]string{})
		out.Body.Keys = string(deps.Keys.JWKS())
		return out, err
	},
}

func pictures(getenv func(string) string) (blob.Store, error) { return folder.Open(getenv("PICTURES")) }

type pictureInput struct {
	Body struct {
		Picture []byte `json:"picture"`
	}
}

type pictureOutput struct {
	ContentType string `header:"Content-Type"`
	Body        []byte
}

// picture keeps and returns a picture, and seals it on the way; it has no table.
var picture = api.Operation[api.Deps, pictureInput, pictureOutput]{
	Spec: func() api.Spec {
		return api.Spec{
			ID: "picture/put", Method: http.MethodPut, Path: "/picture", Product: product,
			Scopes: []string{"read"}, Status: http.StatusOK, Produces: "image/png",
			Needs: []api.Need{api.NeedSeal, api.NeedUnseal, api.NeedPutBlob, api.NeedGetBlob},
		}
	},
	Open: open,
	Run: func(deps *api.Deps, ctx context.Context, in *pictureInput) (*pictureOutput, error) {
		key, err := deps.Sealer.NewKey(ctx, "picture")
		if err != nil {
			return nil, err
		}
		sealed, err := key.Seal("picture", string(in.Body.Picture))
		if err != nil {
			return nil, err
		}
		text, err := key.Open("picture", sealed)
		if err != nil {
			return nil, err
		}
		if err := deps.Blobs.Put(ctx, "picture.png", blob.Blob{Type: "image/png", Bytes: []byte(text)}); err != nil {
			return nil, err
		}
		kept, _, err := deps.Blobs.Get(ctx, "picture.png")
		return &pictureOutput{kept.Type, kept.Bytes}, err
	},
}
