// Package api turns an operation, a plain value of a resource package, into an
// HTTP handler: it decodes and validates the request, checks the caller,
// answers problems in the product's shape and logs one line per request.
//
// The order of refusals is the same on every route: 401 (who are you), 400 (is
// the request well formed), 403 (is it yours), then what the operation itself
// says: 404, 409. Where the caller alone decides, 403 comes before 400 (Product.Enter).
package api

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"slices"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"ciclo/shared/platform/blob"
	"ciclo/shared/platform/problem"
	"ciclo/shared/platform/seal"
	"ciclo/shared/platform/sign"
	"ciclo/shared/platform/table"
)

// Deps is what the outside gives to a resource package: storage, and everything
// that would make its results depend on where and when it runs.
type Deps struct {
	DB      table.DB
	Now     func() time.Time
	Entropy io.Reader                // randomness for ids
	Setting func(name string) string // configuration by environment variable name
	Blobs   blob.Store               // for the operations that keep files
	Sealer  seal.Sealer              // for the operations that keep secrets
	Derive  seal.Derive              // for sites that seal what browsers keep
	Signer  *sign.Signer             // for the operations that issue tokens
	Keys    *sign.Keys               // for the operation that publishes the keys of tokens
	Log     *slog.Logger

	// Integrity signs the answers of products that have it; nil where the deployment has no
	// key for that.
	Integrity Integrity

	Docs string // the path of the API document's page, "" when there is none
	// Aliases are other URLs by which clients know the deployment: a sandbox has several
	// names.
	Aliases []string

	// Queues has the queues of dead letters that the operation names in Spec.Queues, by these
	// names. Those that the deployment lacks are absent.
	Queues map[string]Queue

	// DeadLetters keeps what a worker can never handle; nil where nobody looks after it.
	DeadLetters func(ctx context.Context, letter string) error
}

// Access is what a function does to one table, as its IAM policy must allow.
type Access struct {
	Table   table.Schema
	Index   string   // the index queried, "" for the table itself
	Actions []string // DynamoDB API action names, e.g. GetItem
}

// Spec is what is known of an operation without running it.
type Spec struct {
	ID          string // "<resource>/<operation>", also the handler of its function
	OperationID string // as published, or in that style; generators name methods of clients by it
	Method      string
	Path        string // as published, e.g. /issuers/{issuerId}/consumers/{consumerId}
	Summary     string
	Description string
	Tag         string
	Product     *Product
	Public      bool           // anybody may call it, without a credential
	Scopes      []string       // the caller must have one of them
	Status      int            // of success
	Produces    string         // media type of an answer that is not JSON
	Form        Form           // whether the body is a form
	Token       bool           // a token endpoint, whose answers OAuth clients read (RFC 6749 §5)
	Input       string         // the body's published name, for refusals that quote it
	MaxBody     int            // bytes of the largest body; 0 for MaxBodyBytes
	Without     []string       // the editions that lack it, by name
	Problems    []problem.Code // that the operation itself answers with
	Access      []Access
	Needs       []Need        // what it uses other than tables
	Queues      []string      // of dead letters, which it counts, by the names of what fills them
	Settings    []string      // environment variables it uses; Open sees no other (see [Deps])
	Memory      int           // MB of its function; 0 for the templates' default
	Timeout     time.Duration // of its function, in whole seconds; 0 for the templates' default
}

// Codes lists the codes that the operation may answer with: its own, and those of
// the product's frame that it has an occasion for.
func (s Spec) Codes() []problem.Code {
	frame := slices.DeleteFunc(s.Product.Frame(), func(c problem.Code) bool {
		return s.Public && c == s.Product.Unauthorized ||
			(s.Public || len(s.Scopes) == 0) && c == s.Product.Forbidden
	})
	return append(frame, s.Problems...)
}

// refusal is the document sent for p and its media type.
func (s Spec) refusal(p *problem.Problem, correlationID string) (body any, mediaType string) {
	if s.Token {
		return s.Product.TokenBody(p, correlationID), "application/json"
	}
	return s.Product.Body(p, correlationID), problemType
}

// Checked is an input with rules that its schema cannot say; Check returns the
// fields that break them.
type Checked interface{ Check() []problem.Field }

// Operation is one operation of the API. Open makes the resource's store; Run
// answers a request that is valid and allowed. Spec is a function so that a package's
// operations are data, of which the linker leaves those out that a function does not
// serve.
type Operation[S, I, O any] struct {
	Spec func() Spec
	Open func(Deps) (*S, error)
	Run  func(*S, context.Context, *I) (*O, error)
}

// Op is any Operation.
type Op interface {
	Describe() Spec
	mount(mounting) error
}

// mounting is where an operation is mounted.
type mounting struct {
	api  huma.API
	deps Deps
	// operation is what huma gets to know: [served], or [described] for the API document.
	operation func(Spec, huma.Registry) huma.Operation
}

// Made is an operation that is one of several alike.
type Made struct{ By func() Op }

// Describe implements [Op].
func (m Made) Describe() Spec { return m.By().Describe() }

func (m Made) mount(to mounting) error { return m.By().mount(to) }

// Describe returns the operation's Spec.
func (o Operation[S, I, O]) Describe() Spec { return o.Spec() }

func (o Operation[S, I, O]) mount(to mounting) error {
	m := newMounted(o.Spec(), reflect.TypeFor[I](), reflect.TypeFor[*O]())
	store, err := o.Open(m.deps(to.deps))
	if err != nil {
		return m.failed(err)
	}
	huma.Register(to.api, m.operation(to), func(ctx context.Context, in *I) (*O, error) {
		var out *O
		err := m.answer(ctx, in, func() (_ any, err error) {
			out, err = o.Run(store, ctx, in)
			return out, err
		})
		if err != nil {
			return nil, err
		}
		return out, nil
	})
	return nil
}

// mounted is what a mounted operation does in the same way as every other. It stands apart
// from Operation because the compiler makes the code of that anew for every operation, and
// an artifact has dozens.
type mounted struct {
	spec      Spec
	normalize normalizer
	trim      trimmer
}

func newMounted(spec Spec, input, output reflect.Type) *mounted {
	return &mounted{spec: spec, normalize: normalizerOf(input), trim: trimmerOf(output)}
}

func (m *mounted) deps(deps Deps) Deps {
	deps.Setting = only(m.spec.Settings, deps.Setting)
	return deps
}

func (m *mounted) failed(err error) error { return fmt.Errorf("operation %s: %w", m.spec.ID, err) }

func (m *mounted) operation(to mounting) huma.Operation {
	return to.operation(m.spec, to.api.OpenAPI().Components.Schemas)
}

// answer runs an operation on a request that has been read, and makes its output what the
// edition has. The error is what answers instead.
func (m *mounted) answer(ctx context.Context, in any, run func() (any, error)) error {
	if p := check(m.spec, m.normalize, in); p != nil {
		return answer(ctx, m.spec, p)
	}
	setReading(ctx, false)
	if p := pass(ctx, m.spec, in); p != nil {
		return answer(ctx, m.spec, p)
	}
	if ctx.Value(prewarmKey{}) != nil { // nobody asked
		return answer(ctx, m.spec, problem.New(m.spec.Product.Forbidden, "This is no request."))
	}
	out, err := run()
	if err != nil {
		return answer(ctx, m.spec, err)
	}
	EditionFrom(ctx).output(m.spec.Status, m.trim, out)
	return nil
}

// check puts the texts of an input into their one spelling and returns the problem of
// an input whose texts or members break a rule that its schema cannot say.
func check(spec Spec, normalize normalizer, in any) *problem.Problem {
	var fields []problem.Field
	if normalize != nil {
		normalize(reflect.ValueOf(in).Elem(), "", &fields)
	}
	if checked, ok := in.(Checked); ok && len(fields) == 0 {
		fields = checked.Check()
	}
	if len(fields) == 0 {
		return nil
	}
	return invalid(spec, fields)
}

func pass(ctx context.Context, spec Spec, in any) *problem.Problem {
	if spec.Public || spec.Product.Pass == nil {
		return nil
	}
	id, _ := IdentityFrom(ctx)
	return spec.Product.Pass(ctx, spec, id, in)
}

// Worker handles the changes of one table, one at a time; an error makes the
// change come again, unless it is permanent ([table.Permanent]).
type Worker[S any] struct {
	ID     string
	Table  *table.Schema
	Open   func(Deps) (*S, error)
	Handle func(*S, context.Context, table.Change) error
	Access func() []Access
}

// ChangeHandler is a Worker that is ready to run.
type ChangeHandler func(context.Context, table.Change) error

// Describe returns the worker's id and what it does to tables.
func (w Worker[S]) Describe() (id string, access []Access) { return w.ID, w.Access() }

// Start opens the worker's store.
func (w Worker[S]) Start(deps Deps) (ChangeHandler, error) {
	store, err := w.Open(deps)
	if err != nil {
		return nil, fmt.Errorf("worker %s: %w", w.ID, err)
	}
	return func(ctx context.Context, c table.Change) error { return w.Handle(store, ctx, c) }, nil
}

// Job runs when a schedule says so; its result is logged and returned.
type Job[S, I, O any] struct {
	ID     string
	Open   func(Deps) (*S, error)
	Run    func(*S, context.Context, I) (O, error)
	Access func() []Access
	Needs  []Need
}

// JobHandler is a Job that is ready to run on a payload: nothing, a scheduler's event, or
// the job's input as JSON with exact names. It refuses any other.
type JobHandler func(context.Context, json.RawMessage) (any, error)

// Describe returns the job's id and what it does to tables.
func (j Job[S, I, O]) Describe() (id string, access []Access) { return j.ID, j.Access() }

// Start opens the job's store.
func (j Job[S, I, O]) Start(deps Deps) (JobHandler, error) {
	store, err := j.Open(deps)
	if err != nil {
		return nil, fmt.Errorf("job %s: %w", j.ID, err)
	}
	return func(ctx context.Context, payload json.RawMessage) (any, error) {
		var in I
		if err := decodePayload(payload, &in); err != nil {
			return nil, fmt.Errorf("job %s: payload: %w", j.ID, err)
		}
		return j.Run(store, ctx, in)
	}, nil
}

// Authorizer finds out whose credential a request brings, by looking it up.
type Authorizer[S any] struct {
	ID      string
	Open    func(Deps) (S, error)
	Refusal error // wrapped by the errors of S that mean 401
	Access  []Access
}

// Schemas lists the tables named by access, each once.
func Schemas(access []Access) []table.Schema {
	var schemas []table.Schema
	seen := map[string]bool{}
	for _, a := range access {
		if !seen[a.Table.Name] {
			seen[a.Table.Name] = true
			schemas = append(schemas, a.Table)
		}
	}
	return schemas
}
