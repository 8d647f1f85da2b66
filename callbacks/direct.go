package callbacks

import (
	"context"
	"errors"
	"fmt"
)

// ErrNoQuarantine is what a sink returns for a body that cannot be read when it has no
// place to keep it; the handler answers 400, so that the body is not lost in silence.
var ErrNoQuarantine = errors.New("callbacks: nothing keeps unreadable bodies; use an inbox or OnQuarantine")

// SinkFunc is a function as a Sink.
type SinkFunc[T any] func(context.Context, Received[T]) (Outcome, error)

// Accept calls the function.
func (f SinkFunc[T]) Accept(ctx context.Context, d Received[T]) (Outcome, error) { return f(ctx, d) }

// Direct is a sink without a store: a callback is acknowledged when fn returns nil, and
// sent again when it returns an error or panics. So fn is called for every re-send too, in
// the order of arrival, concurrently, and must be quick and safe to repeat; it has the
// handler's store timeout. Where that is too much to ask, use an inbox.
//
// A body that cannot be read goes to OnQuarantine; without that it is answered with 400.
func Direct[T any](fn func(context.Context, T) error, opts ...DirectOption) Sink[T] {
	var c directConfig
	for _, opt := range opts {
		opt(&c)
	}
	return SinkFunc[T](func(ctx context.Context, d Received[T]) (Outcome, error) {
		if d.Quarantined() {
			return c.quarantine(ctx, d.Record)
		}
		if fn == nil {
			return 0, errors.New("callbacks: Direct has no function")
		}
		if err := fn(ctx, d.Value); err != nil {
			return 0, err
		}
		return OutcomeStored, nil
	})
}

// DirectOption configures Direct.
type DirectOption func(*directConfig)

type directConfig struct {
	keep func(context.Context, Record) error
}

// OnQuarantine keeps bodies that cannot be read, whole; when it returns nil they are
// acknowledged. Write them where somebody looks, and read them with a later version.
func OnQuarantine(keep func(context.Context, Record) error) DirectOption {
	return func(c *directConfig) { c.keep = keep }
}

func (c directConfig) quarantine(ctx context.Context, rec Record) (Outcome, error) {
	if c.keep == nil {
		return 0, ErrNoQuarantine
	}
	if err := c.keep(ctx, rec); err != nil {
		return 0, fmt.Errorf("callbacks: keep an unreadable body: %w", err)
	}
	return OutcomeQuarantined, nil
}
