package host

import (
	"fmt"

	"ciclo/shared/platform/api"
	"ciclo/shared/platform/blob"
	"ciclo/shared/platform/seal"
	"ciclo/shared/platform/sign"
)

// opener sets the member of deps that meets a need, unless it is set.
type opener func(getenv func(string) string, deps *api.Deps) error

// meet opens what a target needs. The artifact's main names what that is opened with, so
// that other artifacts do not link it.
func (a *artifact) meet(t target, getenv func(string) string, deps *api.Deps) error {
	for _, need := range t.needs {
		open, known := a.openers[need]
		if !known {
			return fmt.Errorf("it needs %q, which the artifact's main says nothing to meet with", need)
		}
		if err := open(getenv, deps); err != nil {
			return err
		}
	}
	return nil
}

func meets(open opener, needs ...api.Need) Option {
	return func(a *artifact) {
		for _, need := range needs {
			a.openers[need] = open
		}
	}
}

// Sealer says what the operations that keep secrets seal them with.
func Sealer(open func(getenv func(string) string) (seal.Sealer, error)) Option {
	return meets(func(getenv func(string) string, deps *api.Deps) (err error) {
		if deps.Sealer == nil {
			deps.Sealer, err = open(getenv)
		}
		return err
	}, api.NeedSeal, api.NeedUnseal)
}

// Blobs says where the operations that keep files have them.
func Blobs(open func(getenv func(string) string) (blob.Store, error)) Option {
	return meets(func(getenv func(string) string, deps *api.Deps) (err error) {
		if deps.Blobs == nil {
			deps.Blobs, err = open(getenv)
		}
		return err
	}, api.NeedPutBlob, api.NeedGetBlob)
}

// Signer says what the operations that issue tokens sign them with. A deployment without
// keys has none.
func Signer(open func(getenv func(string) string) (*sign.Signer, error)) Option {
	return meets(func(getenv func(string) string, deps *api.Deps) (err error) {
		if sign.HasKeys(getenv) {
			deps.Signer, err = open(getenv)
		}
		return err
	}, api.NeedSign)
}

// Keys says where the operations that publish the keys of tokens, or say that there are
// some, have them from. A deployment may have none.
func Keys(open func(getenv func(string) string) (*sign.Keys, error)) Option {
	return meets(func(getenv func(string) string, deps *api.Deps) (err error) {
		if sign.HasKeys(getenv) {
			deps.Keys, err = open(getenv)
		}
		return err
	}, api.NeedPublicKeys)
}
