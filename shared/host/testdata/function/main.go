// Command function is, by the variable KIND, one of each kind of function.
package main

import (
	"context"
	"errors"
	"net/http"
	"os"

	"ciclo/shared/api"
	"ciclo/shared/host"
	"ciclo/shared/problem"
	"ciclo/shared/table"
)

type input struct {
	ID string `path:"id"`
}

type output struct {
	Body struct {
		ID string `json:"id"`
	}
}

var (
	things = table.Schema{Name: "things"}
	access = []api.Access{{Table: things, Actions: []string{"GetItem"}}}
)

func open(deps api.Deps) (*api.Deps, error) {
	if deps.Setting("REFUSE") != "" {
		return nil, errors.New("REFUSE is set")
	}
	return &deps, nil
}

func main() {
	switch os.Getenv("KIND") {
	case "worker":
		host.StartWorker(api.Worker[api.Deps]{
			ID: "thing/worker", Table: things, Open: open, Access: access,
			Handle: func(_ *api.Deps, _ context.Context, c table.Change) error {
				if c.Key != (table.Key{Table: "things", PK: "p", SK: "s"}) {
					return errors.New("unexpected key")
				}
				return nil
			},
		})
	case "job":
		host.StartJob(api.Job[api.Deps, int, int]{
			ID: "thing/job", Open: open, Access: access,
			Run: func(_ *api.Deps, _ context.Context, n int) (int, error) { return n + 1, nil },
		})
	case "authorizer":
		host.StartAuthorizer("authorizer/thing", func(func(string) string) (keys, error) { return keys{}, nil }, errRefused)
	default:
		host.Start(api.Operation[api.Deps, input, output]{
			Spec: api.Spec{
				ID: "thing/get", Method: http.MethodGet, Path: "/things/{id}", Product: product,
				Scopes: []string{"read"}, Status: http.StatusOK, Access: access,
			},
			Open: open, Run: get,
		})
	}
}

var product = &api.Product{Product: problem.Consumers, Scheme: api.Bearer, Pass: api.ByTenant}

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
	return api.Identity{Subject: "s"}, nil
}
