package inbox_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/callbackstest"
	"github.com/lockerline/lockerline-go/callbacks/inbox"
)

func TestNewSink_DuplicateIsAcknowledgedAndStoredOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t, inbox.NewMemory())
	for _, c := range []struct {
		d    callbacks.Received[move]
		want callbacks.Outcome
	}{
		{delivery(move{Parcel: "a"}), callbacks.OutcomeStored},
		{delivery(move{Parcel: "a"}), callbacks.OutcomeDuplicate},
		{delivery(move{Parcel: "a", Note: "more"}), callbacks.OutcomeAmended},
		{broken("?"), callbacks.OutcomeQuarantined},
		{broken("?"), callbacks.OutcomeDuplicate},
	} {
		out, err := b.sink.Accept(t.Context(), c.d)
		require.NoError(t, err)
		assert.Equal(t, c.want, out)
	}
	assert.Len(t, b.list(), 3)
}

func TestNewSink_ConcurrentDeliveriesShareOneWrite(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		var sizes []int
		s.put = func(ctx context.Context, r []callbacks.Record) ([]callbacks.Outcome, error) {
			sizes = append(sizes, len(r))
			time.Sleep(time.Millisecond)
			return s.Memory.Put(ctx, r)
		}
		b := newBench(t, s)
		var wg sync.WaitGroup
		wg.Go(func() { b.accept(move{Parcel: "first"}) })
		synctest.Wait()
		for i := range 700 {
			wg.Go(func() { b.accept(move{Parcel: fmt.Sprint(i)}) })
		}
		start := time.Now()
		wg.Wait()
		assert.Equal(t, []int{1, 512, 188}, sizes, "the first does not wait, the next gather up to the maximum")
		assert.Equal(t, 3*time.Millisecond, time.Since(start))
	})
}

func TestNewSink_LargeBodiesAreWrittenInSmallerBatches(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		var largest int
		s.put = func(ctx context.Context, r []callbacks.Record) ([]callbacks.Outcome, error) {
			largest = max(largest, len(r))
			time.Sleep(time.Millisecond)
			return s.Memory.Put(ctx, r)
		}
		b := newBench(t, s)
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				d := delivery(move{Minute: i})
				d.Raw = make([]byte, 1<<20)
				_, err := b.sink.Accept(t.Context(), d)
				assert.NoError(t, err)
			})
		}
		wg.Wait()
		assert.Equal(t, 4, largest)
	})
}

func TestNewSink_HungStoreIsAnErrorWithinTwoSeconds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		release := make(chan struct{})
		s.put = func(ctx context.Context, r []callbacks.Record) ([]callbacks.Outcome, error) {
			<-release // deaf to its context
			return s.Memory.Put(ctx, r)
		}
		b := newBench(t, s, inbox.WithMaxPending(3, 1<<20))
		start := time.Now()
		for i := range 5 {
			_, err := b.sink.Accept(t.Context(), delivery(move{Minute: i}))
			if i < 4 {
				require.ErrorIs(t, err, inbox.ErrStoreTimeout)
				assert.Equal(t, time.Duration(i+1)*inbox.DefaultStoreTimeout, time.Since(start))
			} else {
				require.ErrorIs(t, err, inbox.ErrFull, "what waits in memory is bounded")
				assert.Equal(t, 4*inbox.DefaultStoreTimeout, time.Since(start))
			}
		}
		close(release)
		synctest.Wait()
		_, err := b.sink.Accept(t.Context(), delivery(move{Minute: 9}))
		require.NoError(t, err, "the box recovers with its store")
	})
}

func TestNewSink_EndedContextDoesNotUndoTheWrite(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		s.put = func(ctx context.Context, r []callbacks.Record) ([]callbacks.Outcome, error) {
			time.Sleep(time.Second)
			return s.Memory.Put(ctx, r)
		}
		b := newBench(t, s)
		ctx, hangUp := context.WithCancel(t.Context())
		time.AfterFunc(time.Millisecond, hangUp)
		_, err := b.sink.Accept(ctx, delivery(move{Parcel: "a"}))
		require.ErrorIs(t, err, context.Canceled)
		time.Sleep(2 * time.Second)
		assert.Equal(t, 1, b.stats().Depth)
		out, err := b.sink.Accept(t.Context(), delivery(move{Parcel: "a"}))
		require.NoError(t, err)
		assert.Equal(t, callbacks.OutcomeDuplicate, out)
	})
}

func TestNewSink_RefusedRecordDoesNotFailOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		calls := 0
		s.put = func(ctx context.Context, r []callbacks.Record) ([]callbacks.Outcome, error) {
			calls++
			time.Sleep(time.Millisecond)
			for _, one := range r {
				if one.Group == "poison" {
					return nil, errors.New("cannot store that")
				}
			}
			return s.Memory.Put(ctx, r)
		}
		b := newBench(t, s)
		var wg sync.WaitGroup
		var failures []string
		for _, parcel := range []string{"first", "a", "poison", "b", "c"} {
			wg.Go(func() {
				if _, err := b.sink.Accept(t.Context(), delivery(move{Parcel: parcel})); err != nil {
					failures = append(failures, parcel)
				}
			})
			synctest.Wait()
		}
		wg.Wait()
		assert.Equal(t, []string{"poison"}, failures)
		assert.Equal(t, 4, b.stats().Depth)
		assert.Equal(t, 1+1+4, calls, "one alone, one batch of four, then each of it")
	})
}

func TestNewSink_PanicOfTheStoreIsAnError(t *testing.T) {
	t.Parallel()
	s := newStore()
	s.put = func(context.Context, []callbacks.Record) ([]callbacks.Outcome, error) { panic("no") }
	b := newBench(t, s)
	for range 2 {
		_, err := b.sink.Accept(t.Context(), delivery(move{}))
		require.ErrorContains(t, err, "store panicked")
	}
	s.put = func(context.Context, []callbacks.Record) ([]callbacks.Outcome, error) { return nil, nil }
	_, err := b.sink.Accept(t.Context(), delivery(move{}))
	require.ErrorContains(t, err, "answered 0 of 1")
}

func TestNewSink_StoredBytesAreNotTheCallersBuffer(t *testing.T) {
	t.Parallel()
	s := newStore()
	var kept []byte
	s.put = func(ctx context.Context, r []callbacks.Record) ([]callbacks.Outcome, error) {
		kept = r[0].Raw
		return s.Memory.Put(ctx, r)
	}
	b := newBench(t, s)
	d := delivery(move{Parcel: "a"})
	want := string(d.Raw)
	_, err := b.sink.Accept(t.Context(), d)
	require.NoError(t, err)
	clear(d.Raw)
	assert.Equal(t, want, string(kept))
}

func TestBox_ClosedBoxRefuses(t *testing.T) {
	t.Parallel()
	b := newBench(t, inbox.NewMemory())
	require.NoError(t, b.box.Close(t.Context()))
	require.NoError(t, b.box.Close(t.Context()))
	_, err := b.sink.Accept(t.Context(), delivery(move{}))
	require.ErrorIs(t, err, inbox.ErrClosed)
	require.ErrorIs(t, inbox.Run(t.Context(), b.box, moves, func(context.Context, inbox.Event[move]) error { return nil }), inbox.ErrClosed)
}

// hangingStore is a Memory whose Put a test can make hang.
type hangingStore struct {
	*inbox.Memory
	writing sync.RWMutex
}

func (s *hangingStore) Put(ctx context.Context, r []callbacks.Record) ([]callbacks.Outcome, error) {
	s.writing.RLock()
	defer s.writing.RUnlock()
	return s.Memory.Put(ctx, r)
}

func TestNewSink_KeepsTheContract(t *testing.T) {
	t.Parallel()
	callbackstest.TestSink(t, func(t *testing.T) callbackstest.SinkFixture {
		store := &hangingStore{Memory: inbox.NewMemory()}
		box, err := inbox.New(store)
		require.NoError(t, err)
		t.Cleanup(func() { assert.NoError(t, box.Close(context.WithoutCancel(t.Context()))) })
		sink, err := inbox.NewSink(box, callbacks.Reservations())
		require.NoError(t, err)
		return callbackstest.SinkFixture{
			Sink: sink,
			Kept: func(body []byte) bool {
				entries, err := store.List(context.WithoutCancel(t.Context()), inbox.Filter{Limit: 1000})
				assert.NoError(t, err)
				for _, e := range entries {
					if string(e.Raw) == string(body) {
						return true
					}
				}
				return false
			},
			Block: func() (release func()) {
				store.writing.Lock()
				return sync.OnceFunc(store.writing.Unlock)
			},
		}
	})
}
