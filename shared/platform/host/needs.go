package host

import (
	"fmt"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/blob"
	"ciclo/shared/platform/seal"
	"ciclo/shared/platform/sign"
)

// provider sets the member of deps that a need is about, unless it is set.
type provider func(getenv func(string) string, deps *api.Deps) error

// provide opens what a target needs. The functions that open it are arguments in the
// artifact's main, so that other artifacts do not link them.
func (a *artifact) provide(t target, getenv func(string) string, deps *api.Deps) error {
	for _, need := range t.needs {
		open, known := a.providers[need]
		if !known {
			return fmt.Errorf("it needs %q, for which the artifact's main has no option", need)
		}
		if err := open(getenv, deps); err != nil {
			return err
		}
	}
	return nil
}

func provides(open provider, needs ...api.Need) Option {
	return func(a *artifact) {
		for _, need := range needs {
			a.providers[need] = open
		}
	}
}

// Sealer says what the operations that keep secrets seal them with.
func Sealer(open func(getenv func(string) string) (seal.Sealer, error)) Option {
	return provides(func(getenv func(string) string, deps *api.Deps) (err error) {
		if deps.Sealer == nil {
			deps.Sealer, err = open(getenv)
		}
		return err
	}, api.NeedSeal, api.NeedUnseal)
}

// Integrity says what opens the keys that sign answers and tokens in memory. A deployment without
// a key to seal with has none of them.
func Integrity(open func(getenv func(string) string) (seal.Sealer, error)) Option {
	return provides(func(getenv func(string) string, deps *api.Deps) (err error) {
		if deps.Sealer == nil && seal.HasKey(getenv) {
			deps.Sealer, err = open(getenv)
		}
		return err
	}, api.NeedIntegrity, api.NeedTokenKey)
}

// Derive says how a site gets a key that all of its processes share.
func Derive(open func(getenv func(string) string) (seal.Derive, error)) Option {
	return provides(func(getenv func(string) string, deps *api.Deps) (err error) {
		if deps.Derive == nil {
			deps.Derive, err = open(getenv)
		}
		return err
	}, api.NeedDerive)
}

// Blobs says where the operations that keep files have them.
func Blobs(open func(getenv func(string) string) (blob.Store, error)) Option {
	return provides(func(getenv func(string) string, deps *api.Deps) (err error) {
		if deps.Blobs == nil {
			deps.Blobs, err = open(getenv)
		}
		return err
	}, api.NeedPutBlob, api.NeedGetBlob)
}

// Signer says what the operations that issue tokens sign them with. A deployment without
// keys has none.
func Signer(open func(getenv func(string) string) (*sign.Signer, error)) Option {
	return provides(func(getenv func(string) string, deps *api.Deps) (err error) {
		if sign.HasKeys(getenv) {
			deps.Signer, err = open(getenv)
		}
		return err
	}, api.NeedSign)
}

// Keys says where the operations that publish the keys of tokens, or say that there are
// some, have them from. A deployment may have none.
func Keys(open func(getenv func(string) string) (*sign.Keys, error)) Option {
	return provides(func(getenv func(string) string, deps *api.Deps) (err error) {
		if sign.HasKeys(getenv) {
			deps.Keys, err = open(getenv)
		}
		return err
	}, api.NeedPublicKeys)
}
