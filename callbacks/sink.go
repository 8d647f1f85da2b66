package callbacks

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"
)

// Sink keeps what a Handler received. Its contract, which callbackstest.TestSink checks:
//
//   - Accept returns without an error only when the delivery is safe. The sender is told 200
//     right after, and does not send it again.
//   - An error acknowledges nothing: the sender is told 503 and comes again. A delivery that
//     was kept all the same must be recognized then, or be harmless to keep twice.
//   - Accept returns by its context. The handler calls it in the goroutine of the request, with
//     a context that ends after ten seconds at most, and not when the sender hangs up.
//   - Accept finishes what it began: a write under way goes on when the context ends. A sink
//     that works on after Accept returned has a method Shutdown(context.Context) error, which
//     waits for that; Handler.Shutdown calls it.
//   - Accept may be called concurrently. It does not change the delivery's bytes.
//
// Direct keeps the contract for a function that does not.
type Sink[T any] interface {
	Accept(ctx context.Context, d Received[T]) (Outcome, error)
}

// answerTimeout bounds every sink; Direct and the inbox have shorter timeouts of their own.
const answerTimeout = 10 * time.Second

// SinkFunc is a function as a Sink. The function must keep the contract of Sink.
type SinkFunc[T any] func(context.Context, Received[T]) (Outcome, error)

// Accept calls the function.
func (f SinkFunc[T]) Accept(ctx context.Context, d Received[T]) (Outcome, error) { return f(ctx, d) }

// Outcome says what a Sink did with a delivery. Every outcome is acknowledged.
type Outcome uint8

// The outcomes of Sink.Accept.
const (
	OutcomeStored      Outcome = iota + 1 // new, kept
	OutcomeDuplicate                      // known by its Key, nothing to do
	OutcomeAmended                        // new content for a known Slot, kept and flagged
	OutcomeQuarantined                    // could not be read, kept whole
)

var outcomeNames = map[Outcome]string{
	OutcomeStored: "stored", OutcomeDuplicate: "duplicate", OutcomeAmended: "amended", OutcomeQuarantined: "quarantined",
}

// String returns the outcome as it appears in logs and metrics.
func (o Outcome) String() string { return cmp.Or(outcomeNames[o], "unknown") }

// Direct returns a sink without a store: a callback is acknowledged when fn returns nil, and
// sent again when it returns an error, panics or is late. So fn is called for every re-send
// too, in the order of arrival, concurrently, and must be quick and safe to repeat. Use an
// inbox for a function that is not.
//
// Direct guards the sender against fn: a call that lasts longer than WithCallTimeout, whether
// or not it heeds its context, is answered by ErrSinkTimeout and goes on to its end; at most
// WithMaxCalls calls run at once. Shutdown waits for all of them.
//
// An unreadable body goes to OnQuarantine; without that it is answered with 400.
func Direct[T any](fn func(context.Context, T) error, opts ...DirectOption) Sink[T] {
	d := direct[T]{fn: fn, directConfig: directConfig{timeout: 2 * time.Second, maxCalls: 1024}}
	for _, opt := range opts {
		if opt != nil {
			opt(&d.directConfig)
		}
	}
	d.gate = newGate(d.maxCalls)
	return d
}

// DirectOption configures Direct. Every fault is reported by NewHandler.
type DirectOption func(*directConfig)

type directConfig struct {
	timeout  time.Duration
	maxCalls int
	keep     func(context.Context, Record) error
}

// WithCallTimeout sets how long the function may take before the sender is told to come again;
// default 2 s. Stay well below what the sender waits.
func WithCallTimeout(d time.Duration) DirectOption { return func(c *directConfig) { c.timeout = d } }

// WithMaxCalls sets how many calls of the function may run at once, those counted whose
// request was answered because they were late; default 1024. Beyond, Accept fails with
// ErrSinkFull.
func WithMaxCalls(n int) DirectOption { return func(c *directConfig) { c.maxCalls = n } }

// OnQuarantine keeps bodies that cannot be read, whole; when it returns nil they are
// acknowledged. A later version may read them.
func OnQuarantine(keep func(context.Context, Record) error) DirectOption {
	return func(c *directConfig) { c.keep = keep }
}

type direct[T any] struct {
	directConfig
	fn   func(context.Context, T) error
	gate *gate
}

// faults reports the faults of the options to NewHandler.
func (s direct[T]) faults(c *config) {
	positive(c, "WithCallTimeout", s.timeout)
	if s.maxCalls <= 0 {
		c.fault("WithMaxCalls: %d is not a positive number", s.maxCalls)
	}
}

var errGone = errors.New("callbacks: the function ended its goroutine")

// Accept calls the function in a goroutine of its own, since a function that ignores its
// context must not keep the sender waiting.
func (s direct[T]) Accept(ctx context.Context, d Received[T]) (Outcome, error) {
	if err := s.gate.enter(); err != nil {
		return 0, err
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		defer s.gate.leave()
		err := errGone
		defer func() {
			if value := recover(); value != nil {
				err = caught("the function", value)
			}
			done <- err
		}()
		err = s.call(ctx, d)
	}()
	var err error
	select {
	case err = <-done:
	case <-ctx.Done():
		select {
		case err = <-done:
		default:
			err = ctx.Err()
		}
	}
	if late := ctx.Err(); late != nil && errors.Is(err, late) {
		err = fmt.Errorf("%w: %w", ErrSinkTimeout, err)
	}
	switch {
	case err != nil:
		return 0, err
	case d.Quarantined():
		return OutcomeQuarantined, nil
	}
	return OutcomeStored, nil
}

func (s direct[T]) call(ctx context.Context, d Received[T]) error {
	switch {
	case !d.Quarantined() && s.fn == nil:
		return errors.New("callbacks: Direct has no function")
	case !d.Quarantined():
		return s.fn(ctx, d.Value)
	case s.keep == nil:
		return ErrNoQuarantine
	}
	if err := s.keep(ctx, d.Record); err != nil {
		return fmt.Errorf("callbacks: keep an unreadable body: %w", err)
	}
	return nil
}

// Shutdown refuses new deliveries and waits until the last call of the function has
// returned; see Handler.Shutdown.
func (s direct[T]) Shutdown(ctx context.Context) error { return s.gate.close(ctx) }
