package callbackstest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
)

type (
	sinkChange   = callbacks.ReservationChange
	sinkDelivery = callbacks.Received[sinkChange]
)

// shelf is a store that can hang.
type shelf struct {
	mu    sync.Mutex
	kept  map[string]bool
	works chan struct{} // closed while it works
}

func newShelf() *shelf {
	s := &shelf{kept: map[string]bool{}, works: make(chan struct{})}
	close(s.works)
	return s
}

func (s *shelf) has(body []byte) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept[string(body)]
}

func (s *shelf) block() (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	works := make(chan struct{})
	s.works = works
	return sync.OnceFunc(func() { close(works) })
}

// put keeps a body; known tells that it was kept before.
func (s *shelf) put(ctx context.Context, body []byte) (known bool, err error) {
	s.mu.Lock()
	works := s.works
	s.mu.Unlock()
	select {
	case <-works:
	case <-ctx.Done():
		return false, ctx.Err()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	known = s.kept[string(body)]
	s.kept[string(body)] = true
	return known, nil
}

// onShelf is a fixture of a sink that is made for a shelf.
func onShelf(sink func(*shelf) callbacks.Sink[sinkChange]) SinkFixture {
	s := newShelf()
	return SinkFixture{Sink: sink(s), Kept: s.has, Block: s.block}
}

// careful is Direct with a function that ignores its context.
func careful(s *shelf) callbacks.Sink[sinkChange] {
	return callbacks.Direct(func(_ context.Context, c sinkChange) error {
		_, err := s.put(context.Background(), c.Raw)
		return err
	}, callbacks.OnQuarantine(func(_ context.Context, r callbacks.Record) error {
		_, err := s.put(context.Background(), r.Raw)
		return err
	}))
}

func TestTestSink_DirectKeepsThePromises(t *testing.T) {
	t.Parallel()
	TestSink(t, func(*testing.T) SinkFixture { return onShelf(careful) })
}

func TestTestSink_DirectWithoutQuarantineKeepsThePromises(t *testing.T) {
	t.Parallel()
	TestSink(t, func(*testing.T) SinkFixture {
		return onShelf(func(s *shelf) callbacks.Sink[sinkChange] {
			return callbacks.Direct(func(_ context.Context, c sinkChange) error {
				_, err := s.put(context.Background(), c.Raw)
				return err
			})
		})
	})
}

// sinkOf is a sink with the given Accept; what it does not do itself, careful does.
func sinkOf(accept func(s *shelf, next callbacks.Sink[sinkChange], ctx context.Context, d sinkDelivery) (callbacks.Outcome, error)) func(*shelf) callbacks.Sink[sinkChange] {
	return func(s *shelf) callbacks.Sink[sinkChange] {
		next := careful(s)
		return callbacks.SinkFunc[sinkChange](func(ctx context.Context, d sinkDelivery) (callbacks.Outcome, error) {
			return accept(s, next, ctx, d)
		})
	}
}

// hasty shuts down without a wait.
type hasty struct{ callbacks.Sink[sinkChange] }

func (hasty) Shutdown(context.Context) error { return nil }

type brokenSink struct {
	defect, promise string
	sink            func(*shelf) callbacks.Sink[sinkChange]
}

// Each promise is broken once or more, and the suite must notice.
var brokenSinks = []brokenSink{
	{"acknowledges first", "AcknowledgedIsKept", sinkOf(
		func(_ *shelf, _ callbacks.Sink[sinkChange], _ context.Context, _ sinkDelivery) (callbacks.Outcome, error) {
			return callbacks.OutcomeStored, nil
		})},
	{"calls everything a duplicate", "AcknowledgedIsKept", sinkOf(
		func(_ *shelf, next callbacks.Sink[sinkChange], ctx context.Context, d sinkDelivery) (callbacks.Outcome, error) {
			_, err := next.Accept(ctx, d)
			return callbacks.OutcomeDuplicate, err
		})},
	{"returns no outcome", "RepeatIsAcknowledged", sinkOf(
		func(_ *shelf, next callbacks.Sink[sinkChange], ctx context.Context, d sinkDelivery) (callbacks.Outcome, error) {
			_, err := next.Accept(ctx, d)
			return 0, err
		})},
	{"fails on a known key", "RepeatIsAcknowledged", sinkOf(
		func(s *shelf, next callbacks.Sink[sinkChange], ctx context.Context, d sinkDelivery) (callbacks.Outcome, error) {
			if s.has(d.Raw) {
				return 0, errors.New("duplicate key")
			}
			return next.Accept(ctx, d)
		})},
	{"drops what cannot be read", "UnreadableIsKeptOrRefused", sinkOf(
		func(_ *shelf, next callbacks.Sink[sinkChange], ctx context.Context, d sinkDelivery) (callbacks.Outcome, error) {
			if d.Quarantined() {
				return callbacks.OutcomeQuarantined, nil
			}
			return next.Accept(ctx, d)
		})},
	{"takes an unreadable body for a change", "UnreadableIsKeptOrRefused", sinkOf(
		func(_ *shelf, next callbacks.Sink[sinkChange], ctx context.Context, d sinkDelivery) (callbacks.Outcome, error) {
			_, err := next.Accept(ctx, d)
			return callbacks.OutcomeStored, err
		})},
	{"writes into the body", "BytesStayAsTheyAre", sinkOf(
		func(_ *shelf, next callbacks.Sink[sinkChange], ctx context.Context, d sinkDelivery) (callbacks.Outcome, error) {
			outcome, err := next.Accept(ctx, d)
			d.Raw[0] = ' '
			return outcome, err
		})},
	{"takes one at a time", "ConcurrentDeliveriesAreAllKept", func(s *shelf) callbacks.Sink[sinkChange] {
		var busy sync.Mutex
		next := careful(s)
		return callbacks.SinkFunc[sinkChange](func(ctx context.Context, d sinkDelivery) (callbacks.Outcome, error) {
			if !busy.TryLock() {
				return 0, callbacks.ErrSinkFull
			}
			defer busy.Unlock()
			<-time.After(10 * time.Millisecond)
			return next.Accept(ctx, d)
		})
	}},
	{"ignores its context", "AcceptReturnsByItsContext", sinkOf(
		func(s *shelf, _ callbacks.Sink[sinkChange], _ context.Context, d sinkDelivery) (callbacks.Outcome, error) {
			_, err := s.put(context.Background(), d.Raw)
			return callbacks.OutcomeStored, err
		})},
	{"acknowledges what is late", "AcceptReturnsByItsContext", sinkOf(
		func(_ *shelf, next callbacks.Sink[sinkChange], ctx context.Context, d sinkDelivery) (callbacks.Outcome, error) {
			_, _ = next.Accept(ctx, d)
			return callbacks.OutcomeStored, nil
		})},
	{"breaks the write off with the context", "WhatBeganIsFinished", sinkOf(
		func(s *shelf, _ callbacks.Sink[sinkChange], ctx context.Context, d sinkDelivery) (callbacks.Outcome, error) {
			_, err := s.put(ctx, d.Raw)
			return callbacks.OutcomeStored, err
		})},
	{"does not recover", "SinkGoesOnAfterTheStoreHung", func(s *shelf) callbacks.Sink[sinkChange] {
		var broken error
		return sinkOf(func(_ *shelf, next callbacks.Sink[sinkChange], ctx context.Context, d sinkDelivery) (outcome callbacks.Outcome, err error) {
			if broken == nil {
				outcome, broken = next.Accept(ctx, d)
			}
			return outcome, broken
		})(s)
	}},
	{"shuts down at once", "ShutdownWaits", func(s *shelf) callbacks.Sink[sinkChange] { return hasty{careful(s)} }},
}

func TestTestSink_NoticesABrokenPromise(t *testing.T) {
	t.Parallel()
	for _, c := range brokenSinks {
		t.Run(c.defect, func(t *testing.T) {
			t.Parallel()
			i := slices.IndexFunc(sinkCases, func(s sinkCase) bool { return s.promise == c.promise })
			if i < 0 {
				t.Fatalf("no promise %s", c.promise)
			}
			f := &failures{TB: t}
			sinkCases[i].check(sinkTest{TB: f, SinkFixture: onShelf(c.sink)})
			if !f.any() {
				t.Errorf("%s passes with a sink that %s", c.promise, c.defect)
			}
		})
	}
}

func TestTestSink_EveryPromiseIsBrokenOnce(t *testing.T) {
	t.Parallel()
	for _, s := range sinkCases {
		if !slices.ContainsFunc(brokenSinks, func(b brokenSink) bool { return b.promise == s.promise }) {
			t.Errorf("nothing shows that the check of %s works", s.promise)
		}
	}
}

// failures is a test that may fail.
type failures struct {
	testing.TB
	mu     sync.Mutex
	failed bool
}

func (f *failures) Errorf(string, ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.failed = true
}

func (f *failures) any() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.failed
}
