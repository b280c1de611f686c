package main

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"path"
	"sync"
	"time"

	"ciclo/cmd/internal/devissuer"
	"ciclo/shared/consumers"
	"ciclo/shared/consumers/consumer"
	"ciclo/shared/interop"
	"ciclo/shared/interop/agreement"
	"ciclo/shared/interop/door"
	"ciclo/shared/interop/entry"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/auth"
	"ciclo/shared/platform/claims"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/table"
	"ciclo/shared/services/subscription"
)

// The schedules of the jobs, as in the templates.
const (
	purgeEvery  = time.Hour
	expireEvery = 5 * time.Minute
)

// sandbox plays API Gateway, the authorizers, the scheduler and the stream
// around the operations.
type sandbox struct {
	products products
	url      string
	setting  func(string) string
	mux      *http.ServeMux
	guard    hostGuard
	api      *api.Handler
	clock    *clock
	issuer   *devissuer.Issuer
	bearer   *auth.Bearer
	door     *door.Door // nil without interop
	public   string     // URLs by which clients know it
	store    *storage
	keys     *subscription.Checker
	keyring  *subscription.Issuer
	purge    api.JobHandler
	expire   api.JobHandler // nil without interop
	tenants  http.Handler   // nil without interop
	registry *tenant.Registrar
	workers  []worker
	letters  letters
	recent   recent // requests
	log      *slog.Logger
}

// worker is fed by the changes of a table.
type worker struct {
	id, table string
	handle    api.ChangeHandler
}

// newSandbox puts a sandbox together that is found at url.
func newSandbox(store *storage, url string, getenv func(string) string, log *slog.Logger) (*sandbox, error) {
	s := &sandbox{
		url: url, public: getenv(publicSetting), setting: defaults(url, getenv),
		mux: http.NewServeMux(), clock: &clock{}, store: store, log: log, letters: newLetters(),
	}
	deps := api.Deps{
		DB: store.db, Now: s.clock.now, Entropy: rand.Reader, Setting: s.setting, Log: log,
		Sealer: store.sealer, Blobs: store.logos, Signer: store.signer, Keys: store.signer.Keys(), Docs: "/docs",
		Aliases: aliases(url, getenv(publicSetting)), Queues: s.letters.queues(),
	}
	var err error
	if s.products, err = productsFrom(getenv(productsSetting)); err != nil {
		return nil, err
	}
	if s.products.has(interop.Product.Name) {
		if deps.Integrity, err = integrityOf(deps); err != nil {
			return nil, err
		}
	}
	if s.api, err = api.NewHandler(deps, s.products.operations()...); err != nil {
		return nil, err
	}
	if err := s.background(deps); err != nil {
		return nil, err
	}
	if s.keys, err = subscription.NewChecker(deps); err != nil {
		return nil, err
	}
	if s.keyring, err = subscription.NewIssuer(deps); err != nil {
		return nil, err
	}
	if s.issuer, err = devissuer.Open(store.issuerKey, s.clock.now); err != nil {
		return nil, err
	}
	var callers claims.Callers
	if s.products.has(interop.Product.Name) {
		s.registry = tenant.NewRegistrar(deps)
		callers = callers.And(interop.Callers(s.registry.Register).WithKeys(interop.VoucherJWKS(deps)))
		if s.tenants, err = tenantHandler(deps, s.registry); err != nil {
			return nil, err
		}
	}
	if s.products.has(consumers.Product.Name) || s.products.has(interop.Product.Name) { // as the authorizers of both do
		callers = callers.And(consumers.Callers())
	}
	if err := s.authorize(url, callers); err != nil {
		return nil, err
	}
	if s.products.has(interop.Product.Name) {
		if s.door, err = door.Open(deps, s.bearer, auth.ErrUnauthorized); err != nil {
			return nil, err
		}
		if getenv(athSetting) == "optional" {
			s.door.AcceptNoAth()
		}
	}
	if err := s.routes(); err != nil {
		return nil, err
	}
	s.guard = newHostGuard(getenv(hostsSetting), http.HandlerFunc(s.serve))
	return s, nil
}

// authorize makes the authorizer of bearer tokens. It accepts the tokens of the development
// issuer and those that the sandbox issues itself.
func (s *sandbox) authorize(url string, callers claims.Callers) (err error) {
	if len(callers.Kinds) == 0 {
		return nil // the services product has keys of its own
	}
	own := make([]auth.Issuer, len(callers.Own))
	for i, o := range callers.Own {
		own[i] = auth.Issuer{
			URL: url + o.Path, Audience: devissuer.Audience, JWKS: s.store.signer.Keys().JWKS(), Further: o.Keys, Kinds: []string{o.Kind}, Own: true,
		}
	}
	s.bearer, err = s.issuer.Bearer(callers, own...)
	return err
}

// defaults are the environment, and what follows from where the sandbox is found.
func defaults(url string, getenv func(string) string) func(string) string {
	return func(name string) string {
		value := getenv(name)
		if value == "" {
			value = map[string]string{
				"SIGN_ISSUER": url, "INTEGRITY_ISSUER": url, "AUDIENCE": devissuer.Audience, "SIGN_AUDIENCE": devissuer.Audience,
				interop.SettingVoucherKey: interop.VoucherKeyKMS, // the key file, which is in memory
			}[name]
		}
		return value
	}
}

// ServeHTTP serves the sandbox's own routes, and operations behind the authorizer, to
// those who call it by a name of its own.
func (s *sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.guard.ServeHTTP(w, r) }

// serve routes a request. A path with an empty segment is the gateway's, as in AWS;
// ServeMux would redirect it.
func (s *sandbox) serve(w http.ResponseWriter, r *http.Request) {
	r = published(r)
	if clean := path.Clean(r.URL.Path); clean != r.URL.Path && (clean == "/" || clean+"/" != r.URL.Path) {
		s.gateway(w, r)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// background starts what AWS would run on schedules and behind streams.
func (s *sandbox) background(deps api.Deps) (err error) {
	if s.products.has(consumers.Product.Name) {
		cascade, err := consumer.Cascade.Start(deps)
		if err != nil {
			return err
		}
		s.workers = append(s.workers, worker{consumer.Cascade.ID, consumer.Cascade.Table.Name, cascade})
	}
	if s.products.has(interop.Product.Name) {
		follow, err := agreement.Follow.Start(deps)
		if err != nil {
			return err
		}
		sweep, err := entry.Sweep.Start(deps)
		if err != nil {
			return err
		}
		// A feed has one reader.
		both := func(ctx context.Context, c table.Change) error { return errors.Join(follow(ctx, c), sweep(ctx, c)) }
		s.workers = append(s.workers, worker{agreement.Follow.ID, agreement.Follow.Table.Name, both})
		if s.expire, err = tenant.Expire.Start(deps); err != nil {
			return err
		}
	}
	s.purge, err = retention.PurgeOperations.Start(deps)
	return err
}

// start runs what AWS would run in the background, until ctx ends; the channel
// is closed when all of it has stopped.
func (s *sandbox) start(ctx context.Context) <-chan struct{} {
	var running sync.WaitGroup
	for _, w := range s.workers {
		running.Go(func() { s.feed(ctx, w) })
	}
	running.Go(func() { every(ctx, purgeEvery, s.purge) })
	if s.expire != nil {
		running.Go(func() { every(ctx, expireEvery, s.expire) })
	}
	done := make(chan struct{})
	go func() {
		running.Wait()
		close(done)
	}()
	return done
}

// every runs a job on its schedule until ctx ends.
func every(ctx context.Context, period time.Duration, job api.JobHandler) {
	ticks := time.NewTicker(period)
	defer ticks.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticks.C:
			// A failure is in the log already; the next run tries again.
			_, _ = job(ctx, nil)
		}
	}
}

// feed hands the changes of a table to its worker.
func (s *sandbox) feed(ctx context.Context, w worker) {
	err := s.store.feed.Run(ctx, w.table, func(ctx context.Context, changes []table.Change) error {
		for _, c := range changes {
			ctx, notes := api.Notes(ctx)
			err := w.handle(ctx, c)
			switch attrs := notes(); {
			case err != nil:
				s.log.LogAttrs(ctx, slog.LevelError, w.id, append(attrs, slog.String("error", err.Error()))...)
				if table.Permanent(err) {
					s.letters[w.id].Add(1) // in AWS it becomes a dead letter
					continue
				}
				return err
			case len(attrs) > 0: // there was something to do
				s.log.LogAttrs(ctx, slog.LevelInfo, w.id, attrs...)
			}
		}
		return nil
	})
	if err != nil && ctx.Err() == nil {
		s.log.LogAttrs(ctx, slog.LevelError, "change feed stopped", slog.String("error", err.Error()))
	}
}
