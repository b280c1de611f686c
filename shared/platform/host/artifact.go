package host

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/aws/sqs"
	"ciclo/shared/platform/table/dynamo"
)

// envHandler names the variable in which Lambda hands the property Handler of a function
// to its runtime.
const envHandler = "_HANDLER"

// Option adds a worker, a job or an authorizer to an artifact, or a provider of what its
// operations need.
type Option func(*artifact)

// artifact is everything that one binary can serve.
type artifact struct {
	targets   []target
	providers map[api.Need]provider
}

// target is what a handler can name.
type target struct {
	id     string
	name   string // for errors
	access []api.Access
	needs  []api.Need
	// build returns what lambda.Start takes; it may set members of deps first.
	build func(f function, deps api.Deps) (handler any, err error)
}

// function is the process that serves a target.
type function struct {
	getenv    func(string) string
	prewarms  bool
	connected func() // waits until the connection to DynamoDB is open
}

// Open returns the handler that getenv's _HANDLER names, as lambda.Start takes it. Of
// everything that the artifact has, only that is opened and mounted.
func Open(getenv func(string) string, log *slog.Logger, operations []api.Op, options ...Option) (handler any, err error) {
	a := artifact{providers: map[api.Need]provider{}}
	for _, option := range options {
		option(&a)
	}
	t, err := a.selected(getenv(envHandler), operations)
	if err != nil {
		return nil, err
	}
	f := function{getenv: getenv, prewarms: getenv("PREWARM") != "off", connected: func() {}}
	deps := api.Deps{Now: now, Entropy: rand.Reader, Setting: getenv, Log: log}
	if err := a.provide(t, getenv, &deps); err != nil {
		return nil, fmt.Errorf("%s: %w", t.name, err)
	}
	if len(t.access) > 0 {
		db, err := dynamo.FromEnv(getenv, api.Schemas(t.access)...)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.name, err)
		}
		f.connected = connect(db, f.prewarms)
		deps.DB = db
	}
	return t.build(f, deps)
}

// connect opens the connection to DynamoDB, where Lambda gives a full CPU; the function
// that it returns waits for that.
func connect(db *dynamo.DB, prewarms bool) (wait func()) {
	var connecting sync.WaitGroup
	if prewarms {
		connecting.Go(func() { db.Prewarm(context.Background()) })
	}
	return connecting.Wait
}

// load gets the key that signs answers, over the connection to DynamoDB; the function that it
// returns waits for that. A failure is logged and does not stop the function, which tries again
// with its first answer.
func (f function) load(deps api.Deps) (wait func()) {
	var loading sync.WaitGroup
	if deps.Integrity != nil {
		loading.Go(func() {
			f.connected()
			if err := deps.Integrity.Load(context.Background()); err != nil {
				deps.Log.Error("start", "unsigned", err.Error())
			}
		})
	}
	return loading.Wait
}

// queues returns the queues of dead letters that an operation counts.
func (f function) queues(spec api.Spec) (map[string]api.Queue, error) {
	all := make(map[string]api.Queue, len(spec.Queues))
	for _, name := range spec.Queues {
		queue, err := sqs.FromEnv(f.getenv, api.QueueVariable(name))
		if err != nil {
			return nil, fmt.Errorf("operation %s: %w", spec.ID, err)
		}
		all[name] = queue
	}
	return all, nil
}

// selected returns what handler names.
func (a *artifact) selected(handler string, operations []api.Op) (target, error) {
	ids := make([]string, 0, len(operations)+len(a.targets))
	for _, op := range operations {
		spec := op.Describe()
		if spec.ID == handler {
			return operation(op, spec), nil
		}
		ids = append(ids, spec.ID)
	}
	for _, t := range a.targets {
		if t.id == handler {
			return t, nil
		}
		ids = append(ids, t.id)
	}
	slices.Sort(ids)
	return target{}, fmt.Errorf(
		"the function's handler is %q, which this artifact does not have; set Handler to one of: %s",
		handler, strings.Join(ids, ", "),
	)
}

// operation makes a target of an operation.
func operation(op api.Op, spec api.Spec) target {
	build := func(f function, deps api.Deps) (any, error) {
		if deps.Sealer != nil && slices.Contains(spec.AllNeeds(), api.NeedIntegrity) {
			deps.Integrity = spec.Product.Integrity(deps)
		}
		queues, err := f.queues(spec)
		if err != nil {
			return nil, err
		}
		deps.Queues = queues
		h, err := api.NewHandler(deps, op)
		if err != nil {
			return nil, err
		}
		if f.prewarms {
			loaded := f.load(deps)
			h.Prewarm()
			loaded()
		}
		f.connected()
		return Proxy(h), nil
	}
	return target{id: spec.ID, name: "operation " + spec.ID, access: spec.Access, needs: spec.AllNeeds(), build: build}
}

// Worker adds a worker, which is fed with the stream of its table. Without DEAD_LETTERS,
// the URL of a queue, what it can never handle is counted and logged only.
func Worker[S any](w api.Worker[S]) Option {
	return add(target{id: w.ID, name: "worker " + w.ID, access: w.Access(), build: func(f function, deps api.Deps) (any, error) {
		if f.getenv(api.DeadLettersVariable) != "" {
			queue, err := sqs.FromEnv(f.getenv, api.DeadLettersVariable)
			if err != nil {
				return nil, fmt.Errorf("worker %s: %w", w.ID, err)
			}
			deps.DeadLetters = queue.Send
		}
		handle, err := w.Start(deps)
		if err != nil {
			return nil, err
		}
		f.connected()
		return Stream(w.ID, w.Table.Name, handle, deps), nil
	}})
}

// Job adds a job, which runs when its function is invoked.
func Job[S, I, O any](j api.Job[S, I, O]) Option {
	return add(target{id: j.ID, name: "job " + j.ID, access: j.Access(), needs: j.Needs, build: func(f function, deps api.Deps) (any, error) {
		run, err := j.Start(deps)
		if err != nil {
			return nil, err
		}
		f.connected()
		return Schedule(j.ID, run, deps), nil
	}})
}

// Authorizer adds a Lambda authorizer.
func Authorizer[S Authenticator](a api.Authorizer[S]) Option {
	return add(target{id: a.ID, name: a.ID, access: a.Access, build: func(f function, deps api.Deps) (any, error) {
		store, err := a.Open(deps)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", a.ID, err)
		}
		f.connected()
		return Authorize(a.ID, store, a.Refusal, deps), nil
	}})
}

func add(t target) Option { return func(a *artifact) { a.targets = append(a.targets, t) } }
