package table

import (
	"context"
	"sync"
)

// Meter counts what the engine did on behalf of one request. Safe for
// concurrent use.
type Meter struct {
	mu    sync.Mutex
	usage Usage
}

// Usage is a Meter's reading.
type Usage struct {
	RoundTrips int     // requests sent, retries included; those of Together count once
	ItemsRead  int     // items returned by Get, BatchGet and Query
	ReadUnits  float64 // consumed read capacity units
	WriteUnits float64 // consumed write capacity units
}

type meterKey struct{}

// WithMeter returns a context whose storage calls are counted by the meter returned.
func WithMeter(ctx context.Context) (context.Context, *Meter) {
	m := &Meter{}
	return context.WithValue(ctx, meterKey{}, m), m
}

// Metered adds u to the context's meter, if it has one; engines call it.
func Metered(ctx context.Context, u Usage) {
	m, ok := ctx.Value(meterKey{}).(*Meter)
	if !ok {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.usage.RoundTrips += u.RoundTrips
	m.usage.ItemsRead += u.ItemsRead
	m.usage.ReadUnits += u.ReadUnits
	m.usage.WriteUnits += u.WriteUnits
}

// Usage returns the reading so far.
func (m *Meter) Usage() Usage {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.usage
}
