package harbor_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
)

const (
	towerID   harbor.TowerID = "0100000000000175"
	neighbour                = harbortest.NeighbourClientID
	self                     = harbortest.DefaultClientID
)

// free is an available locker of the default tower, foreign one that the neighbour has.
var (
	free    = harbor.LockerRef{Tower: towerID, Locker: 948}
	other   = harbor.LockerRef{Tower: towerID, Locker: 950}
	foreign = harbor.LockerRef{Tower: towerID, Locker: 949}
)

// watching is a watcher on a simulator, all of it on the bubble's time.
type watching struct {
	*testing.T
	srv *harbortest.Server
	c   *harbor.Client
	w   *harbor.Watcher
}

func watch(t *testing.T, interval time.Duration, opts ...harbortest.Option) *watching {
	t.Helper()
	return watchThrough(t, interval, nil, opts...)
}

// watchThrough puts a middleware before the simulator.
func watchThrough(t *testing.T, interval time.Duration, mw func(http.RoundTripper) http.RoundTripper, opts ...harbortest.Option) *watching {
	t.Helper()
	srv, err := harbortest.New(opts...)
	require.NoError(t, err)
	t.Cleanup(srv.Close)
	options := []lockerline.Option{lockerline.WithHTTPClient(srv.HTTPClient())}
	if mw != nil {
		options = append(options, lockerline.WithMiddleware(mw))
	}
	c, err := harbor.NewClient(srv.Environment(), srv.Credentials(), options...)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, c.Close()) })
	return &watching{t, srv, c, harbor.NewWatcher(c, harbor.WatcherConfig{Interval: interval})}
}

// set lets staff set a status.
func (w *watching) set(ref harbor.LockerRef, s harbor.LockerStatus, owner string) {
	w.Helper()
	require.NoError(w, w.srv.SetStatus(ref, s, owner))
}

func (w *watching) lists() int { return len(w.srv.Requests("lockers.assigned")) }

// outcome is what a wait came to, and when.
type outcome struct {
	harbor.Change
	err error
	at  time.Time
}

// wait waits in the background. It returns once the first look is done.
func (w *watching) wait(ctx context.Context, ref harbor.LockerRef, want ...harbor.LockerStatus) <-chan outcome {
	done := make(chan outcome, 1)
	go func() {
		c, err := w.w.Wait(ctx, ref, want...)
		done <- outcome{c, err, time.Now()}
	}()
	synctest.Wait()
	return done
}

func (w *watching) pending(done <-chan outcome) {
	w.Helper()
	synctest.Wait()
	select {
	case o := <-done:
		require.Fail(w, "the wait ended", "%+v", o)
	default:
	}
}

func TestWait_LooksAtOnceThenEveryTick(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, 2*time.Second)
		w.set(free, harbor.LockerStatusRented, self)
		start := time.Now()
		done := w.wait(t.Context(), free, harbor.LockerStatusOccupied)
		assert.Equal(t, 1, w.lists())
		time.Sleep(3 * time.Second)
		assert.Equal(t, 2, w.lists())
		w.pending(done)
		w.set(free, harbor.LockerStatusOccupied, self)
		o := <-done
		require.NoError(t, o.err)
		assert.Equal(t, 4*time.Second, o.at.Sub(start), "seen at the next tick")
		assert.Equal(t, free, o.Ref)
		assert.Equal(t, harbor.ObservationLegal, o.Kind)
		assert.Equal(t, harbor.LockerStatusRented, o.From)
		assert.Equal(t, harbor.LockerStatusOccupied, o.To)
		assert.True(t, o.Assigned)
		now := w.lists()
		time.Sleep(time.Minute)
		assert.Equal(t, now, w.lists(), "without a wait nothing is asked")
		assert.Empty(t, w.srv.Requests("towers.lockers"), "what is in the list needs no other request")
	})
}

func TestWait_TenThousandCostOneListRequestATick(t *testing.T) {
	t.Parallel()
	const n = 10_000
	synctest.Test(t, func(t *testing.T) {
		tower := harbortest.Tower{ID: towerID}
		for i := range n {
			tower.Lockers = append(tower.Lockers, harbortest.Locker{
				ID: harbor.LockerID(i + 1), Name: fmt.Sprint(i), Type: harbortest.LockerType{ID: 1, Name: "small"},
				Status: harbor.LockerStatusRented, Owner: self,
			})
		}
		w := watch(t, 2*time.Second, harbortest.WithLocations(harbortest.Location{ID: 1, Towers: []harbortest.Tower{tower}}))
		errs := make(chan error, n)
		for i := range n {
			go func() {
				_, err := w.w.Wait(t.Context(), harbor.LockerRef{Tower: towerID, Locker: harbor.LockerID(i + 1)}, harbor.LockerStatusOccupied)
				errs <- err
			}()
		}
		time.Sleep(time.Second) // the first look, and one for those that came too late for it
		first := w.lists()
		assert.LessOrEqual(t, first, 2)
		time.Sleep(4 * time.Second)
		assert.Equal(t, first+2, w.lists())
		assert.Empty(t, w.srv.Requests("towers.lockers"))
		for i := range n {
			w.set(harbor.LockerRef{Tower: towerID, Locker: harbor.LockerID(i + 1)}, harbor.LockerStatusOccupied, self)
		}
		for range n {
			require.NoError(t, <-errs)
		}
		assert.Equal(t, first+3, w.lists())
	})
}

func TestNudge_WakesAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, time.Hour)
		w.set(free, harbor.LockerStatusRented, self)
		start := time.Now()
		done := w.wait(t.Context(), free, harbor.LockerStatusOccupied)
		time.Sleep(90 * time.Second)
		w.set(free, harbor.LockerStatusOccupied, self)
		w.w.Nudge(harbor.LockerRef{Tower: harbor.TowerID(strings.ToUpper(string(towerID))), Locker: free.Locker})
		o := <-done
		require.NoError(t, o.err)
		assert.Equal(t, 90*time.Second, o.at.Sub(start))
	})
}

func TestNudge_ManyShareALook(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, time.Hour)
		w.set(free, harbor.LockerStatusRented, self)
		ctx, cancel := context.WithCancel(t.Context())
		done := w.wait(ctx, free, harbor.LockerStatusOccupied)
		time.Sleep(time.Minute)
		before := w.lists()
		for range 1000 {
			w.w.Nudge(free)
			w.w.Nudge(foreign) // for which no wait is under way
			time.Sleep(time.Millisecond)
		}
		time.Sleep(time.Minute)
		assert.LessOrEqual(t, w.lists()-before, 11, "one second of nudges, at most ten a second")
		assert.Greater(t, w.lists()-before, 1)
		cancel()
		assert.ErrorIs(t, (<-done).err, context.Canceled)
		before = w.lists()
		w.w.Nudge(free)
		time.Sleep(time.Hour)
		assert.Equal(t, before, w.lists(), "without a wait")
	})
}

func TestWait_FirstLookIsAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, 1<<62)
		w.set(free, harbor.LockerStatusRented, self)
		w.set(other, harbor.LockerStatusOccupied, self)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		first := w.wait(ctx, free, harbor.LockerStatusOccupied)
		time.Sleep(time.Minute)
		start := time.Now()
		o := <-w.wait(ctx, other, harbor.LockerStatusOccupied)
		require.NoError(t, o.err)
		assert.Zero(t, o.at.Sub(start))
		assert.Equal(t, 2, w.lists())
		w.pending(first)
	})
}

func TestWait_TwoOnOneLockerEndEachOnItsOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, time.Second)
		w.set(free, harbor.LockerStatusReserved, self)
		ctx, cancel := context.WithCancel(t.Context())
		rented := w.wait(t.Context(), free, harbor.LockerStatusRented)
		occupied := w.wait(t.Context(), free, harbor.LockerStatusOccupied)
		impatient := w.wait(ctx, free, harbor.LockerStatusOccupied)
		twin := w.wait(t.Context(), free, harbor.LockerStatusRented, harbor.LockerStatusOccupied)
		time.Sleep(time.Second)
		cancel()
		o := <-impatient
		we := requireAs[*harbor.WaitError](t, o.err)
		assert.Equal(t, harbor.LockerStatusReserved, we.Last)
		w.set(free, harbor.LockerStatusRented, self)
		assert.Equal(t, harbor.LockerStatusRented, (<-rented).To)
		assert.Equal(t, harbor.LockerStatusRented, (<-twin).To)
		w.pending(occupied)
		w.set(free, harbor.LockerStatusOccupied, self)
		assert.Equal(t, harbor.LockerStatusOccupied, (<-occupied).To)
	})
}

func TestWait_BadArgumentsAreAllNamed(t *testing.T) {
	t.Parallel()
	w := harbor.NewWatcher(nil, harbor.WatcherConfig{})
	_, err := w.Wait(t.Context(), harbor.LockerRef{Tower: "x", Locker: -1})
	ae := requireAs[*lockerline.ArgumentError](t, err)
	assert.Equal(t, []string{"TowerID", "LockerID", "statuses"}, fieldsOf(ae))
	assert.ErrorIs(t, err, lockerline.ErrInvalid)
}

func TestWait_StatusesMayBeSpelledFreely(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, time.Second)
		w.set(free, harbor.LockerStatusReleased, self)
		o := <-w.wait(t.Context(), free, "Declined")
		require.NoError(t, o.err)
		assert.Equal(t, harbor.LockerStatusReleased, o.To)
	})
}
