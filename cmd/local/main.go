// Command local is the sandbox: every operation of Ciclo in one process, with
// API Gateway's role played around them, on an embedded engine or DynamoDB.
//
// Environment:
//
//	PORT               where to listen, 3000 by default
//	DATA_DIR           keep the embedded engine's data, logos and the keys there; otherwise they are temporary
//	ENGINE             dynamodb-local starts DynamoDB Local (Java 17+, or Docker)
//	DYNAMODB_ENDPOINT  use that DynamoDB-compatible endpoint instead
//	PRODUCTS           serve these products alone, e.g. consumers or consumers,interop
//	TENANTS            a JSON file with tenants that are stored at the start, see docs/sandbox.md
//	HOSTS              other names than localhost that requests may be for, e.g. host.docker.internal; * for any
//	STRICT             true refuses on plain paths too what /v3 refuses
//	PUBLIC_URL         other URLs by which clients know the sandbox, e.g. of a proxy, separated by commas; for DPoP proofs
//	DPOP_ATH           optional accepts DPoP proofs without the claim ath, which PDND refuses and some clients send
//	LOG_LEVEL          DEBUG, INFO (default), WARN or ERROR
//
// and the settings of the functions: RETENTION_MONTHS, ALLOW_CONSUMER_REUSE,
// RETIRED_TOPICS, TRUSTED_OWNERS, RELAXED_SERVICES, VOUCHER_ERRORS, SHARED_AUDIENCES,
// VOUCHER_ASSERTION_AUDIENCE, VOUCHER_ASSERTION_SECONDS, VOUCHER_ASSERTION_ONCE,
// API_TOKEN_SECONDS, TOKEN_ASSERTION_AUDIENCE, TOKEN_ASSERTION_SECONDS, TOKEN_ASSERTION_ONCE,
// RATE_LIMIT, RATE_INTERVAL_MS, RATE_BURST_PERCENT, and the same with TOKEN_ in front.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"ciclo/shared/platform/host"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Getenv); err != nil {
		fmt.Fprintln(os.Stderr, "ciclo:", err)
		os.Exit(1) //nolint:gocritic // stop only unregisters signals, and the process is over
	}
}

// run serves until ctx ends, then stops everything it started.
func run(ctx context.Context, getenv func(string) string) (err error) {
	port := getenv("PORT")
	if port == "" {
		port = "3000"
	}
	// Before anything slow starts: a port that is taken is the commonest mistake.
	var listening net.ListenConfig
	listener, err := listening.Listen(ctx, "tcp", net.JoinHostPort("localhost", port))
	if err != nil {
		return fmt.Errorf("cannot listen on port %s (set PORT to use another one): %w", port, err)
	}
	defer listener.Close()
	store, err := openStorage(ctx, getenv)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.close()) }()

	log := host.NewLogger(os.Stderr, getenv)
	_, port, _ = net.SplitHostPort(listener.Addr().String())
	url := "http://localhost:" + port
	box, err := newSandbox(store, url, getenv, log)
	if err != nil {
		return err
	}
	if file := getenv(tenantsSetting); file != "" {
		if err := box.loadTenants(ctx, file); err != nil {
			return err
		}
	}
	// The listener takes connections already.
	if err := box.products.greet(os.Stdout, url, store.name); err != nil {
		return err
	}
	server := &http.Server{Handler: box, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 29 * time.Second, WriteTimeout: 60 * time.Second}
	background, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := box.start(background)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()

	select {
	case <-ctx.Done():
	case err = <-served:
	}
	log.LogAttrs(ctx, slog.LevelInfo, "stopping")
	closing, release := context.WithTimeout(background, 10*time.Second)
	defer release()
	err = errors.Join(err, server.Shutdown(closing))
	cancel()
	<-done
	return err
}
