package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"ciclo/cmd/internal/catalog"
	"ciclo/shared/platform/blob"
	"ciclo/shared/platform/blob/folder"
	"ciclo/shared/platform/seal"
	"ciclo/shared/platform/seal/local"
	"ciclo/shared/platform/sign"
	signlocal "ciclo/shared/platform/sign/local"
	"ciclo/shared/platform/table"
	"ciclo/shared/platform/table/bolt"
	"ciclo/shared/platform/table/dynamo"
	"ciclo/shared/platform/table/dynamo/streams"
	"ciclo/shared/platform/testing/dynamodblocal"
)

// storage is an open engine with its change feed, and where logos and the keys
// are, that which protects secrets and that which signs vouchers.
type storage struct {
	name   string // for the greeting
	db     table.DB
	feed   table.Feed
	logos  blob.Store
	sealer seal.Sealer
	signer *sign.Signer // of vouchers
	close  func() error

	issuerKey string // the file with the key of the sandbox's tokens, "" for none
}

// openStorage opens what the environment asks for.
func openStorage(ctx context.Context, getenv func(string) string) (*storage, error) {
	store, err := openEngine(ctx, getenv)
	if err != nil {
		return nil, err
	}
	if err := store.openFiles(getenv("DATA_DIR")); err != nil {
		return nil, errors.Join(err, store.close())
	}
	return store, nil
}

// openFiles keeps logos and the keys in dir, or as long as the process lives.
func (s *storage) openFiles(dir string) error {
	keyFile, signFile, done := "", "", func() error { return nil }
	if dir == "" {
		temporary, err := os.MkdirTemp("", "ciclo-")
		if err != nil {
			return fmt.Errorf("temporary folder: %w", err)
		}
		dir, done = temporary, func() error { return os.RemoveAll(temporary) }
	} else {
		if err := makeDataDir(dir); err != nil {
			return err
		}
		keyFile, signFile = filepath.Join(dir, "seal.key"), filepath.Join(dir, "sign.key")
		s.issuerKey = filepath.Join(dir, "issuer.key")
	}
	logos, err := folder.Open(filepath.Join(dir, "logos"))
	if err != nil {
		return errors.Join(unusable(err, "a folder is made in its place, without the logos"), done())
	}
	s.logos = logos
	if s.sealer, err = local.Open(keyFile); err != nil {
		err = unusable(err, "a new key is made, and the keys of subscriptions made with this one cannot be read")
		return errors.Join(err, logos.Close(), done())
	}
	if s.signer, err = signlocal.Open(signFile); err != nil {
		err = unusable(err, "a new key is made, and tokens signed with this one are refused")
		return errors.Join(err, logos.Close(), done())
	}
	closeEngine := s.close
	s.close = func() error { return errors.Join(closeEngine(), logos.Close(), done()) }
	return nil
}

func makeDataDir(dir string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return fmt.Errorf("DATA_DIR: %w. Name a folder that exists or can be made", err)
	}
	return nil
}

// unusable says what to do about a file in DATA_DIR that is not what it was; err names it.
func unusable(err error, otherwise string) error {
	return fmt.Errorf("DATA_DIR: %w. Put a copy of it back, or move it away: then %s", err, otherwise)
}

func openEngine(ctx context.Context, getenv func(string) string) (*storage, error) {
	endpoint, engine := getenv("DYNAMODB_ENDPOINT"), getenv("ENGINE")
	switch {
	case endpoint != "":
		return openDynamo(ctx, getenv, "DynamoDB at "+endpoint, func() error { return nil })
	case engine == "dynamodb-local":
		server, err := dynamodblocal.Start(ctx, dynamodblocal.Options{Progress: func(line string) { fmt.Fprintln(os.Stderr, "ciclo:", line) }})
		if err != nil {
			return nil, err
		}
		here := func(name string) string {
			if name == "DYNAMODB_ENDPOINT" {
				return server.Endpoint
			}
			return getenv(name)
		}
		store, err := openDynamo(ctx, here, "DynamoDB Local at "+server.Endpoint, server.Stop)
		if err != nil {
			_ = server.Stop() // the first error says more
		}
		return store, err
	case engine == "" || engine == "embedded":
		return openEmbedded(getenv("DATA_DIR"))
	}
	return nil, fmt.Errorf("ENGINE=%s is unknown: use embedded or dynamodb-local", engine)
}

func openEmbedded(dir string) (*storage, error) {
	path, name := "", "embedded engine, temporary"
	if dir != "" {
		if err := makeDataDir(dir); err != nil {
			return nil, err
		}
		path = filepath.Join(dir, "ciclo.db")
		name = "embedded engine, " + path
	}
	db, err := bolt.Open(path, catalog.Schemas())
	if errors.Is(err, bolt.ErrDamaged) {
		err = unusable(err, "the sandbox begins with empty tables")
	}
	if err != nil {
		return nil, err
	}
	return &storage{name: name, db: db, feed: db, close: db.Close}, nil
}

func openDynamo(ctx context.Context, getenv func(string) string, name string, stop func() error) (*storage, error) {
	config, err := dynamo.ConfigFromEnv(getenv, catalog.Schemas()...)
	if err != nil {
		return nil, err
	}
	db := dynamo.New(config)
	if err := dynamo.CreateTables(ctx, db, config.Schemas...); err != nil {
		return nil, fmt.Errorf("creating the tables: %w", err)
	}
	return &storage{name: name, db: db, feed: streams.New(config), close: stop}, nil
}
