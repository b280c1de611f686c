package cost

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"time"

	"ciclo/cmd/internal/catalog"
	"ciclo/cmd/internal/sample"
	"ciclo/shared/consumers"
	"ciclo/shared/interop"
	"ciclo/shared/interop/door"
	"ciclo/shared/interop/tenant"
	"ciclo/shared/platform/api"
	"ciclo/shared/platform/auth"
	"ciclo/shared/platform/host"
	"ciclo/shared/platform/retention"
	"ciclo/shared/platform/sign/kms"
)

// entrances measures the authorizer of the interop product, which is asked about every
// request: by a bearer token, and by one that is bound to a key, with its proof. Tokens are
// verified by the clock of the machine.
func entrances(ctx context.Context, root string) (bearer, dpop Call, err error) {
	m, err := newMeter(ctx, time.Now().UTC(), nil)
	if err != nil {
		return bearer, dpop, err
	}
	defer func() { err = errors.Join(err, m.close()) }()
	if err := m.seed(ctx, catalog.BearerAuthorizer); err != nil {
		return bearer, dpop, err
	}
	deps, err := m.deps(catalog.BearerAuthorizer)
	if err != nil {
		return bearer, dpop, err
	}
	callers := interop.Callers(tenant.NewRegistrar(deps).Register).WithKeys(interop.VoucherJWKS(deps)).And(consumers.Callers())
	tokens, err := auth.FromEnv(deps.Setting, callers, kms.JWKS)
	if err != nil {
		return bearer, dpop, err
	}
	entrance, err := door.Open(deps, tokens, auth.ErrUnauthorized)
	if err != nil {
		return bearer, dpop, err
	}
	serve := host.AuthorizeRequest(catalog.BearerAuthorizer, entrance, "", deps)
	authorizer, _ := catalog.FunctionOf(catalog.BearerAuthorizer)
	proved, err := os.ReadFile(path.Join(root, authorizer.Event()))
	if err != nil {
		return bearer, dpop, err
	}
	plain := bytes.ReplaceAll(proved, []byte("DPoP <bound token>"), []byte("Bearer <token>"))
	plain = bytes.ReplaceAll(bytes.ReplaceAll(plain, []byte(`"DPoP": "<proof>",`), nil), []byte("\"DPoP\": [\n      \"<proof>\"\n    ],"), nil)
	enter := func(event []byte) (Call, error) {
		c := Call{ID: catalog.BearerAuthorizer, Memory: defaultMemory}
		for range 2 {
			m.reset()
			if _, err := invoke(ctx, serve, m.around.Fill(event)); err != nil {
				return c, err
			}
			if !bytes.Contains(m.log.Bytes(), []byte(`"allowed":true`)) {
				return c, fmt.Errorf("the authorizer refuses: %s", m.log.String())
			}
			if err := m.count(&c); err != nil {
				return c, err
			}
		}
		return c, nil
	}
	if bearer, err = enter(plain); err == nil {
		dpop, err = enter(proved)
	}
	return bearer, dpop, err
}

// removal issues vouchers and runs the purge when the retention of their events has ended. It
// returns the write units that the purge takes for an event, and how many metrics a run logs.
func (m *meter) removal(ctx context.Context) (units float64, metrics int, err error) {
	const events = 100
	if err := m.vouchers(ctx, events); err != nil {
		return 0, 0, err
	}
	m.now = m.now.AddDate(0, retention.MinMonths+1, 0)
	deps, err := m.deps(retention.PurgeOperations.ID)
	if err != nil {
		return 0, 0, err
	}
	run, err := retention.PurgeOperations.Start(deps)
	if err != nil {
		return 0, 0, err
	}
	schedule := host.Schedule(retention.PurgeOperations.ID, run, deps)
	var runs [2]line // the second one finds nothing
	for i := range runs {
		m.reset()
		if _, err := schedule(ctx, nil); err != nil {
			return 0, 0, err
		}
		if runs[i], err = m.lines(); err != nil {
			return 0, 0, err
		}
	}
	for _, logged := range runs[0].AWS.CloudWatchMetrics {
		metrics += len(logged.Metrics)
	}
	return (runs[0].WriteUnits - runs[1].WriteUnits) / events, metrics, nil
}

// vouchers issues n vouchers.
func (m *meter) vouchers(ctx context.Context, n int) error {
	op, err := operationOf(voucherID)
	if err != nil {
		return err
	}
	s := op.Describe()
	if err := m.seed(ctx, s.ID); err != nil {
		return err
	}
	text, err := sample.Event(s)
	if err != nil {
		return err
	}
	serve, err := m.handler(ctx, op, s)
	for range n {
		if err == nil {
			err = m.send(ctx, &Call{}, serve, m.around.Fill(text))
		}
	}
	return err
}

// voucherID is the operation that issues vouchers.
const voucherID = "voucher/issue"

func operationOf(id string) (api.Op, error) {
	for _, op := range catalog.Operations() {
		if op.Describe().ID == id {
			return op, nil
		}
	}
	return nil, fmt.Errorf("no operation is %s", id)
}
