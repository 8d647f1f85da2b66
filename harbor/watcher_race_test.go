package harbor_test

import (
	"context"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
)

// lateAnswers keeps the answers of paths that end so back for a while: they are of the
// past when they arrive.
type lateAnswers struct {
	next   http.RoundTripper
	suffix string
	late   atomic.Int64
}

func (l *lateAnswers) wrap(next http.RoundTripper) http.RoundTripper {
	l.next = next
	return l
}

func (l *lateAnswers) RoundTrip(r *http.Request) (*http.Response, error) {
	resp, err := l.next.RoundTrip(r)
	if err == nil && strings.HasSuffix(r.URL.Path, l.suffix) {
		select {
		case <-time.After(time.Duration(l.late.Load())):
		case <-r.Context().Done():
			_ = resp.Body.Close()
			return nil, r.Context().Err()
		}
	}
	return resp, err
}

// A list that was asked for before Wait was called is of another rental.
func TestWait_IsNotAnsweredFromBeforeItBegan(t *testing.T) {
	t.Parallel()
	for _, suffix := range []string{"/assigned-lockers", "/lockers"} {
		t.Run(suffix, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				late := &lateAnswers{suffix: suffix}
				w := watchThrough(t, 10*time.Second, late.wrap)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				w.set(other, harbor.LockerStatusAvailable, "")
				// Another wait is there already, so that a look is under way: for the list,
				// or for a tower where nothing of ours is.
				w.wait(ctx, other, harbor.LockerStatusOutOfService)
				w.set(free, harbor.LockerStatusOccupied, self) // an earlier rental
				late.late.Store(int64(5 * time.Second))
				w.w.Nudge(other)
				time.Sleep(time.Second)
				w.set(free, harbor.LockerStatusAvailable, "")
				w.set(free, harbor.LockerStatusReserved, self)
				done := w.wait(ctx, free, harbor.LockerStatusOccupied, harbor.LockerStatusAvailable)
				late.late.Store(0)
				time.Sleep(time.Minute)
				w.pending(done)
				w.set(free, harbor.LockerStatusOccupied, self)
				require.NoError(t, (<-done).err)
			})
		})
	}
}

func TestWait_JoinedDuringALookIsServedRightAfterIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		late := &lateAnswers{suffix: "/assigned-lockers"}
		w := watchThrough(t, time.Hour, late.wrap)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		late.late.Store(int64(300 * time.Millisecond))
		w.set(free, harbor.LockerStatusRented, self)
		w.set(other, harbor.LockerStatusOccupied, self)
		w.wait(ctx, free, harbor.LockerStatusOccupied)
		start := time.Now()
		o := <-w.wait(ctx, other, harbor.LockerStatusOccupied)
		require.NoError(t, o.err)
		assert.LessOrEqual(t, o.at.Sub(start), 2*time.Second)
		assert.Equal(t, 2, w.lists())
	})
}

func TestNudge_DuringALookBringsAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		late := &lateAnswers{suffix: "/assigned-lockers"}
		w := watchThrough(t, time.Hour, late.wrap)
		late.late.Store(int64(200 * time.Millisecond))
		w.set(free, harbor.LockerStatusRented, self)
		done := w.wait(t.Context(), free, harbor.LockerStatusOccupied)
		time.Sleep(100 * time.Millisecond) // the list is made, and on its way
		w.set(free, harbor.LockerStatusOccupied, self)
		w.w.Nudge(free)
		start := time.Now()
		o := <-done
		require.NoError(t, o.err)
		assert.LessOrEqual(t, o.at.Sub(start), 2*time.Second)
	})
}

func TestWatcher_ReplacedLoopLosesNoWakeUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, time.Hour)
		w.set(free, harbor.LockerStatusOccupied, self)
		for range 300 {
			ctx, cancel := context.WithCancel(t.Context())
			go cancel()
			_, _ = w.w.Wait(ctx, free, harbor.LockerStatusAvailable) // ends the loop at any moment of its life
			start := time.Now()
			_, err := w.w.Wait(t.Context(), free, harbor.LockerStatusOccupied)
			require.NoError(t, err)
			require.Less(t, time.Since(start), time.Second)
		}
	})
}

func TestWait_ManyOnOneLockerAreLeftCheaply(t *testing.T) {
	t.Parallel()
	const n = 10_000
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, time.Hour)
		w.set(free, harbor.LockerStatusRented, self)
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		var ended atomic.Int64
		for i := range n {
			wg.Go(func() {
				own := ctx
				if i%2 == 0 {
					own = t.Context()
				}
				if _, err := w.w.Wait(own, free, harbor.LockerStatusOccupied); err == nil {
					ended.Add(1)
				}
			})
		}
		time.Sleep(time.Second)
		cancel()
		synctest.Wait()
		w.set(free, harbor.LockerStatusOccupied, self)
		w.w.Nudge(free)
		wg.Wait()
		assert.EqualValues(t, n/2, ended.Load())
	})
}

// Everything at once, for the race detector, in real time on one simulator.
func TestWatcher_IsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, 50*time.Millisecond)
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		var wg sync.WaitGroup
		refs := []harbor.LockerRef{free, other, foreign}
		for i := range 16 {
			dice := rand.New(rand.NewPCG(uint64(i), 1))
			wg.Go(func() {
				for ctx.Err() == nil {
					ref := refs[dice.IntN(len(refs))]
					switch dice.IntN(4) {
					case 0:
						w.w.Nudge(ref)
						time.Sleep(time.Millisecond)
					case 1:
						short, stop := context.WithTimeout(ctx, time.Duration(dice.IntN(200))*time.Millisecond)
						_, _ = w.w.Wait(short, ref, harbor.LockerStatuses()[dice.IntN(6)])
						stop()
					case 2:
						short, stop := context.WithTimeout(ctx, time.Duration(dice.IntN(100))*time.Millisecond)
						for range w.w.Changes(short) {
							if dice.IntN(4) == 0 {
								break
							}
						}
						stop()
					case 3:
						_ = w.srv.SetStatus(ref, harbor.LockerStatuses()[dice.IntN(6)], []string{self, neighbour}[dice.IntN(2)])
						time.Sleep(time.Millisecond)
					}
				}
			})
		}
		wg.Wait()
	})
}
