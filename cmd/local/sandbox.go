package main

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"github.com/google/uuid"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/api"
	"ciclo/shared/auth"
	"ciclo/shared/auth/devissuer"
	"ciclo/shared/consumer"
	"ciclo/shared/host"
	"ciclo/shared/manage"
	"ciclo/shared/retention"
	"ciclo/shared/subscription"
	"ciclo/shared/table"
)

// purgeEvery is the schedule of the purge, as in template.yaml.
const purgeEvery = time.Hour

// sandbox plays API Gateway, the authorizers, the scheduler and the stream
// around the operations.
type sandbox struct {
	mux     *http.ServeMux
	api     *api.Handler
	clock   *clock
	issuer  *devissuer.Issuer
	store   *storage
	keys    *subscription.Checker
	keyring *subscription.Issuer
	purge   api.JobHandler
	cascade api.ChangeHandler
	log     *slog.Logger
}

func newSandbox(store *storage, getenv func(string) string, log *slog.Logger) (*sandbox, error) {
	s := &sandbox{mux: http.NewServeMux(), clock: &clock{}, store: store, log: log}
	deps := api.Deps{
		DB: store.db, Now: s.clock.now, Entropy: rand.Reader, Setting: getenv, Log: log,
		Sealer: store.sealer, Blobs: store.logos,
	}
	var err error
	if s.api, err = api.NewHandler(deps, catalog.Operations()...); err != nil {
		return nil, err
	}
	if s.cascade, err = consumer.Cascade.Start(deps); err != nil {
		return nil, err
	}
	if s.purge, err = retention.PurgeOperations.Start(deps); err != nil {
		return nil, err
	}
	if s.keys, err = subscription.NewChecker(deps); err != nil {
		return nil, err
	}
	if s.keyring, err = subscription.NewIssuer(deps); err != nil {
		return nil, err
	}
	if s.issuer, err = devissuer.New(s.clock.now); err != nil {
		return nil, err
	}
	if err := s.routes(); err != nil {
		return nil, err
	}
	return s, nil
}

// ServeHTTP serves the sandbox's own routes, and operations behind the authorizer.
func (s *sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// gateway runs the product's authorizer and puts what it found where API Gateway
// would. A request without a valid credential goes on without an identity; the
// operation then answers 401, as the gateway's own answer does in AWS.
func (s *sandbox) gateway(w http.ResponseWriter, r *http.Request) {
	ctx := api.WithRequestID(r.Context(), uuid.NewString())
	var authorizer host.Authenticator = s.issuer.Bearer()
	refusal, credential := auth.ErrUnauthorized, r.Header.Get("Authorization")
	if manage.Product.Has(r.URL.Path) {
		authorizer, refusal, credential = s.keys, subscription.ErrUnauthorized, r.Header.Get(api.KeyHeader)
	}
	id, err := authorizer.Authenticate(ctx, credential)
	switch {
	case err == nil:
		ctx = host.Authorized(ctx, id.AuthorizerContext())
	case !errors.Is(err, refusal):
		s.log.LogAttrs(ctx, slog.LevelError, "authorizer", slog.String("error", err.Error()))
		text(w, http.StatusInternalServerError, "The authorizer failed; see the log.")
		return
	case credential != "":
		s.log.LogAttrs(ctx, slog.LevelInfo, "credential refused", slog.String("reason", err.Error()))
	}
	s.api.ServeHTTP(w, r.WithContext(ctx))
}

// start runs what AWS would run in the background, until ctx ends; the channel
// is closed when all of it has stopped.
func (s *sandbox) start(ctx context.Context) <-chan struct{} {
	done := make(chan struct{})
	feeding := make(chan struct{})
	go func() {
		defer close(feeding)
		s.feed(ctx)
	}()
	go func() {
		defer close(done)
		ticks := time.NewTicker(purgeEvery)
		defer ticks.Stop()
		for {
			select {
			case <-ctx.Done():
				<-feeding
				return
			case <-ticks.C:
				// A failure is in the log already; the next hour tries again.
				_, _ = s.purge(ctx, nil)
			}
		}
	}()
	return done
}

// feed hands the changes of the consumers table to the worker.
func (s *sandbox) feed(ctx context.Context) {
	err := s.store.feed.Run(ctx, consumer.Consumers.Name, func(ctx context.Context, changes []table.Change) error {
		for _, c := range changes {
			ctx, notes := api.Notes(ctx)
			err := s.cascade(ctx, c)
			switch attrs := notes(); {
			case err != nil:
				s.log.LogAttrs(ctx, slog.LevelError, "cascade", append(attrs, slog.String("error", err.Error()))...)
				return err
			case len(attrs) > 0: // there was something to do
				s.log.LogAttrs(ctx, slog.LevelInfo, "cascade", attrs...)
			}
		}
		return nil
	})
	if err != nil && ctx.Err() == nil {
		s.log.LogAttrs(ctx, slog.LevelError, "change feed stopped", slog.String("error", err.Error()))
	}
}
