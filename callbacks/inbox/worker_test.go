package inbox_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/inbox"
)

func TestRun_StoppedRunLetsItsHandlersFinish(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(b *bench, stop func() error) error{
		"context": func(_ *bench, stop func() error) error { return stop() },
		"close":   func(b *bench, _ func() error) error { return b.box.Close(b.Context()) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, inbox.NewMemory())
				b.accept(move{Parcel: "a", Minute: 1}, move{Parcel: "a", Minute: 2})
				stop := b.run(func(ctx context.Context, _ inbox.Event[move]) error {
					time.Sleep(5 * time.Second)
					return ctx.Err()
				})
				time.Sleep(time.Second)
				start := time.Now()
				require.NoError(t, end(b, stop))
				assert.Equal(t, 4*time.Second, time.Since(start))
				assert.Equal(t, []string{"a1"}, b.handled(), "nothing new is begun")
				assert.Len(t, b.list(inbox.StateHandled), 1)
				assert.Equal(t, 1, b.stats().Depth, "the rest stays stored")
				require.NoError(t, stop())
			})
		})
	}
}

func TestWithDrain_UnfinishedCallbacksAreGivenBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, inbox.NewMemory())
		b.accept(move{Parcel: "a"})
		stop := b.run(func(ctx context.Context, _ inbox.Event[move]) error {
			<-ctx.Done()
			assert.ErrorIs(t, context.Cause(ctx), inbox.ErrDraining)
			return ctx.Err()
		}, inbox.WithDrain(3*time.Second))
		synctest.Wait()
		start := time.Now()
		require.NoError(t, stop())
		assert.Equal(t, 3*time.Second, time.Since(start))
		assert.Zero(t, b.list()[0].Attempts, "a shutdown is not a failed try")

		again := b.run(nil)
		synctest.Wait()
		assert.Equal(t, []string{"a0", "a0"}, b.handled())
		require.NoError(t, again())
	})
}

func TestWithDrain_HandlerThatIgnoresItsContextDoesNotHoldTheRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, inbox.NewMemory())
		b.accept(move{Parcel: "a"})
		stop := b.run(func(context.Context, inbox.Event[move]) error {
			time.Sleep(time.Hour)
			return nil
		}, inbox.WithDrain(time.Second))
		synctest.Wait()
		start := time.Now()
		require.ErrorIs(t, stop(), inbox.ErrDrainTimeout)
		assert.Equal(t, 2*time.Second, time.Since(start))
		time.Sleep(2 * time.Hour)
		synctest.Wait()
	})
}

func TestBox_CloseEndsWithItsContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, inbox.NewMemory())
		b.accept(move{Parcel: "a"})
		stop := b.run(func(ctx context.Context, _ inbox.Event[move]) error {
			<-ctx.Done()
			return ctx.Err()
		})
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		require.ErrorIs(t, b.box.Close(ctx), inbox.ErrDrainTimeout)
		assert.Equal(t, time.Second, time.Since(start))
		require.NoError(t, stop(), "its handlers were told to end, and did")
	})
}

func TestBox_CloseFinishesWritesUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		s.put = func(ctx context.Context, r []callbacks.Record) ([]callbacks.Outcome, error) {
			time.Sleep(time.Second)
			return s.Memory.Put(ctx, r)
		}
		b := newBench(t, s)
		acked := make(chan error, 1)
		go func() {
			_, err := b.sink.Accept(t.Context(), delivery(move{}))
			acked <- err
		}()
		synctest.Wait()
		require.NoError(t, b.box.Close(t.Context()))
		require.NoError(t, <-acked)
		assert.Equal(t, 1, b.stats().Depth)
	})
}

func TestWithLease_LongHandlerKeepsItsLease(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := inbox.NewMemory()
		b := newBench(t, s)
		b.accept(move{Parcel: "a"})
		slow := func(context.Context, inbox.Event[move]) error {
			time.Sleep(5 * time.Minute)
			return nil
		}
		stop, other := b.run(slow), b.run(slow)
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		assert.Equal(t, []string{"a0"}, b.handled(), "the other run must not get it")
		assert.Len(t, b.list(inbox.StateHandled), 1)
		require.NoError(t, stop())
		require.NoError(t, other())
	})
}

func TestWithLease_HandlerIsStoppedWhenItsLeaseIsLost(t *testing.T) {
	t.Parallel()
	for name, renew := range map[string]func(...inbox.Lease) ([]inbox.Lease, error){
		"lost":        func(l ...inbox.Lease) ([]inbox.Lease, error) { return l, nil },
		"store fails": func(...inbox.Lease) ([]inbox.Lease, error) { return nil, errors.New("no database") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := newStore()
				var broken atomic.Bool
				broken.Store(true)
				s.renew = func(ctx context.Context, d time.Duration, l ...inbox.Lease) ([]inbox.Lease, error) {
					if broken.Load() {
						return renew(l...)
					}
					return s.Memory.Renew(ctx, d, l...)
				}
				b := newBench(t, s)
				b.accept(move{Parcel: "a"})
				var causes []error
				stop := b.run(func(ctx context.Context, e inbox.Event[move]) error {
					if e.Attempt > 1 {
						return nil
					}
					<-ctx.Done()
					broken.Store(false)
					causes = append(causes, context.Cause(ctx))
					return ctx.Err()
				})
				time.Sleep(2 * time.Minute)
				synctest.Wait()
				require.Len(t, causes, 1)
				require.ErrorIs(t, causes[0], inbox.ErrLeaseLost)
				assert.Equal(t, []string{"a0", "a0"}, b.handled(), "handed over again when the lease had run out")
				require.NoError(t, stop())
			})
		})
	}
}

func TestRun_FailingDatabaseIsAskedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := newStore()
		var down atomic.Bool
		down.Store(true)
		var mu sync.Mutex
		var failed []string
		s.claim = func(ctx context.Context, feed string, n int, d time.Duration) ([]inbox.Item, error) {
			if down.Load() {
				return nil, errors.New("no database")
			}
			return s.Memory.Claim(ctx, feed, n, d)
		}
		dones := 0
		s.done = func(ctx context.Context, l ...inbox.Lease) ([]inbox.Lease, error) {
			if dones++; dones < 4 {
				return nil, errors.New("no database")
			}
			return s.Memory.Done(ctx, l...)
		}
		b := newBench(t, s, inbox.WithObserver(inbox.Observer{
			StoreFailed: func(_ context.Context, f inbox.StoreFailed) {
				mu.Lock()
				defer mu.Unlock()
				failed = append(failed, f.Op)
			},
		}))
		b.accept(move{Parcel: "a"})
		stop := b.run(nil)
		time.Sleep(2500 * time.Millisecond)
		synctest.Wait()
		down.Store(false)
		time.Sleep(time.Minute)
		synctest.Wait()
		assert.Equal(t, []string{"a0"}, b.handled(), "a mark that fails does not repeat the handler")
		assert.Len(t, b.list(inbox.StateHandled), 1)
		assert.Contains(t, failed, "claim")
		assert.Contains(t, failed, "done")
		require.NoError(t, stop())
	})
}
