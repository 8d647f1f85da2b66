package harbor_test

import (
	"context"
	"iter"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

// seen is what a change says, in a form to compare.
type seen struct {
	ref      harbor.LockerRef
	kind     harbor.ObservationKind
	from, to harbor.LockerStatus
	assigned bool
}

func of(c harbor.Change) seen { return seen{c.Ref, c.Kind, c.From, c.To, c.Assigned} }

// follow pulls changes one by one; the loop ends with the test.
func follow(t *testing.T, changes iter.Seq2[harbor.Change, error]) func() (harbor.Change, error) {
	next, stop := iter.Pull2(changes)
	t.Cleanup(stop)
	return func() (harbor.Change, error) {
		c, err, ok := next()
		require.True(t, ok, "the loop ended")
		return c, err
	}
}

func TestChanges_YieldsOurLockersAndTheirChanges(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, time.Second)
		w.set(free, harbor.LockerStatusReserved, self)
		next := follow(t, w.w.Changes(t.Context()))
		expect := func(want seen) {
			t.Helper()
			c, err := next()
			require.NoError(t, err)
			assert.Equal(t, want, of(c))
		}
		expect(seen{free, harbor.ObservationFirst, "", harbor.LockerStatusReserved, true})
		w.set(free, harbor.LockerStatusRented, self)
		expect(seen{free, harbor.ObservationLegal, harbor.LockerStatusReserved, harbor.LockerStatusRented, true})
		w.set(other, harbor.LockerStatusOccupied, self)
		expect(seen{other, harbor.ObservationFirst, "", harbor.LockerStatusOccupied, true})
		w.set(free, harbor.LockerStatusOccupied, self)
		expect(seen{free, harbor.ObservationLegal, harbor.LockerStatusRented, harbor.LockerStatusOccupied, true})
		w.set(free, harbor.LockerStatusAvailable, "")
		expect(seen{free, harbor.ObservationLegal, harbor.LockerStatusOccupied, harbor.LockerStatusAvailable, false})
		w.set(free, harbor.LockerStatusRented, neighbour) // none of ours any more
		w.set(other, harbor.LockerStatusOccupied, neighbour)
		expect(seen{other, harbor.ObservationRepeated, harbor.LockerStatusOccupied, harbor.LockerStatusOccupied, false})
		w.set(free, harbor.LockerStatusRented, self)
		expect(seen{free, harbor.ObservationFirst, "", harbor.LockerStatusRented, true})
	})
}

func TestChanges_EveryLoopGetsAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, time.Second)
		w.set(free, harbor.LockerStatusRented, self)
		waiting := w.wait(t.Context(), free, harbor.LockerStatusOccupied)
		first := follow(t, w.w.Changes(t.Context()))
		c, err := first()
		require.NoError(t, err)
		assert.Equal(t, seen{free, harbor.ObservationFirst, "", harbor.LockerStatusRented, true}, of(c))
		time.Sleep(time.Minute)
		second := follow(t, w.w.Changes(t.Context()))
		c, err = second()
		require.NoError(t, err)
		assert.Equal(t, seen{free, harbor.ObservationFirst, "", harbor.LockerStatusRented, true}, of(c), "also for a later loop")
		w.set(free, harbor.LockerStatusOccupied, self)
		for _, next := range []func() (harbor.Change, error){first, second} {
			c, err := next()
			require.NoError(t, err)
			assert.Equal(t, seen{free, harbor.ObservationLegal, harbor.LockerStatusRented, harbor.LockerStatusOccupied, true}, of(c))
		}
		require.NoError(t, (<-waiting).err)
	})
}

func TestChanges_SlowLoopGetsThemJoined(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		first bool // the loop is slow from the start
		steps []harbor.LockerStatus
		want  []seen
	}{
		"two steps": {
			steps: []harbor.LockerStatus{harbor.LockerStatusRented, harbor.LockerStatusOccupied},
			want:  []seen{{free, harbor.ObservationSkipped, harbor.LockerStatusReserved, harbor.LockerStatusOccupied, true}},
		},
		"there and back": {
			steps: []harbor.LockerStatus{harbor.LockerStatusRented, harbor.LockerStatusReserved},
			want:  []seen{{free, harbor.ObservationRepeated, harbor.LockerStatusReserved, harbor.LockerStatusReserved, true}},
		},
		"to the end": {
			steps: []harbor.LockerStatus{harbor.LockerStatusRented, harbor.LockerStatusOccupied, harbor.LockerStatusAvailable},
			want:  []seen{{free, harbor.ObservationLegal, harbor.LockerStatusReserved, harbor.LockerStatusAvailable, false}},
		},
		"never seen before": {
			first: true,
			steps: []harbor.LockerStatus{harbor.LockerStatusRented, harbor.LockerStatusOccupied},
			want:  []seen{{free, harbor.ObservationFirst, "", harbor.LockerStatusOccupied, true}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := watch(t, time.Second)
				w.set(other, harbor.LockerStatusOccupied, self)
				if !c.first {
					w.set(free, harbor.LockerStatusReserved, self)
				}
				var got []seen
				done := false
				for change, err := range w.w.Changes(t.Context()) {
					require.NoError(t, err)
					if change.Ref == free {
						got = append(got, of(change))
					}
					if done {
						break
					}
					if change.Ref != other {
						continue
					}
					time.Sleep(1500 * time.Millisecond) // while the loop is busy
					for _, s := range c.steps {
						w.set(free, s, self)
						time.Sleep(2500 * time.Millisecond)
					}
					done = true
				}
				assert.Equal(t, c.want, slices.DeleteFunc(got, func(s seen) bool { return s.kind == harbor.ObservationFirst && !c.first }))
			})
		})
	}
}

func TestChanges_EndsWithTheContext(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, time.Second)
		w.set(free, harbor.LockerStatusRented, self)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		pairs := 0
		var last error
		for c, err := range w.w.Changes(ctx) {
			pairs++
			last = err
			if err == nil {
				assert.Equal(t, free, c.Ref)
				cancel()
				w.set(free, harbor.LockerStatusOccupied, self) // comes too late
				time.Sleep(time.Minute)
			}
		}
		assert.Equal(t, 2, pairs)
		requireAs[*harbor.WaitError](t, last)
		assert.ErrorIs(t, last, context.Canceled)
		before := w.lists()
		for _, err := range w.w.Changes(ctx) {
			assert.ErrorIs(t, err, context.Canceled)
		}
		assert.Equal(t, before, w.lists(), "nothing is asked for a context that has ended")
	})
}

func TestChanges_EndsOnARepeatedRefusal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, time.Second)
		w.srv.Fail("lockers.assigned", lockerlinetest.Status(403).Times(-1))
		var errs []error
		for _, err := range w.w.Changes(t.Context()) {
			errs = append(errs, err)
		}
		require.Len(t, errs, 1)
		assert.ErrorIs(t, errs[0], lockerline.ErrForbidden)
		before := w.lists()
		time.Sleep(time.Hour)
		assert.Equal(t, before, w.lists())
	})
}

// The bubble panics when a goroutine outlives the test body; here it must be gone at once.
func TestChanges_LeftEarlyLeavesNoGoroutine(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, time.Second)
		w.set(free, harbor.LockerStatusRented, self)
		for range w.w.Changes(t.Context()) {
			break
		}
		before := len(w.srv.Requests())
		time.Sleep(time.Hour)
		assert.Len(t, w.srv.Requests(), before)
	})
}

// A locker of another provider does not fill a feed, however long the wait for it.
func TestChanges_LeavesOutLockersOfOthers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, time.Second)
		done := w.wait(t.Context(), foreign, harbor.LockerStatusAvailable)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		for c, err := range w.w.Changes(ctx) {
			require.ErrorIs(t, err, context.DeadlineExceeded, "%+v", c)
		}
		w.set(foreign, harbor.LockerStatusAvailable, "")
		require.NoError(t, (<-done).err)
	})
}
