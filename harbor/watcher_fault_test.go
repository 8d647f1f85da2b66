package harbor_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

func TestWait_TransientFaultsDoNotEndIt(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]lockerlinetest.Fault{
		"500": lockerlinetest.Status(500), "502 HTML": lockerlinetest.HTML(502), "429": lockerlinetest.RateLimited(time.Minute),
		"cut": lockerlinetest.Disconnect(lockerlinetest.Within), "truncated": lockerlinetest.Truncated(),
		"slow": lockerlinetest.Latency(time.Hour), "page": lockerlinetest.Answer(200, "text/html", "<html>log in</html>"), "teapot": lockerlinetest.HTML(418),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := watch(t, 2*time.Second)
				w.set(free, harbor.LockerStatusRented, self)
				done := w.wait(t.Context(), free, harbor.LockerStatusOccupied)
				w.srv.Fail("lockers.assigned", fault.Times(-1))
				time.Sleep(10 * time.Minute)
				w.pending(done)
				seen := w.lists()
				assert.Greater(t, seen, 5)
				w.set(free, harbor.LockerStatusOccupied, self)
				w.srv.ClearFaults()
				healed := time.Now()
				o := <-done
				require.NoError(t, o.err)
				assert.LessOrEqual(t, o.at.Sub(healed), 33*time.Second+time.Minute, "at most 16 intervals, and the attempt under way")
			})
		})
	}
}

func TestWaitError_SaysWhatWasSeenAndWhatFailed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, time.Second)
		w.set(free, harbor.LockerStatusRented, self)
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		done := w.wait(ctx, free, harbor.LockerStatusOccupied)
		seen := time.Now()
		w.srv.Fail("lockers.assigned", lockerlinetest.HTML(502).Times(-1))
		o := <-done
		we := requireAs[*harbor.WaitError](t, o.err)
		assert.ErrorIs(t, we, context.DeadlineExceeded)
		assert.NotErrorIs(t, we, context.Canceled)
		assert.Equal(t, harbor.WaitError{
			Ref: free, Want: []harbor.LockerStatus{harbor.LockerStatusOccupied}, Last: harbor.LockerStatusRented, LastAt: seen,
			Polls: we.Polls, Missed: we.Missed, Err: we.Err,
		}, *we)
		assert.Greater(t, we.Polls, 1)
		assert.ErrorIs(t, we.Missed, lockerline.ErrServer)
		assert.Equal(t, "harbor: wait for occupied ended: context deadline exceeded (last seen rented; a look failed: "+
			strings.TrimPrefix(we.Missed.Error(), "harbor: ")+")", we.Error())
		assert.False(t, lockerline.Retryable(o.err))
	})
}

func TestWait_CancellationIsNeverSuccess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, time.Second)
		w.set(free, harbor.LockerStatusRented, self)
		why := errors.New("shutting down")
		ctx, cancel := context.WithCancelCause(t.Context())
		done := w.wait(ctx, free, harbor.LockerStatusOccupied)
		cancel(why)
		o := <-done
		require.ErrorIs(t, o.err, context.Canceled)
		assert.ErrorIs(t, o.err, why)
		assert.Zero(t, o.Change)
		before := w.lists()
		o = <-w.wait(ctx, free, harbor.LockerStatusRented)
		assert.ErrorIs(t, o.err, context.Canceled, "also when it would succeed")
		assert.Equal(t, before, w.lists())
	})
}

func TestWait_RepeatedRefusalEndsIt(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		break_ func(*watching)
		is     error
	}{
		"403":    {func(w *watching) { w.srv.Fail("lockers.assigned", lockerlinetest.Status(403).Times(-1)) }, lockerline.ErrForbidden},
		"401":    {func(w *watching) { w.srv.Fail("lockers.assigned", lockerlinetest.Status(401).Times(-1)) }, lockerline.ErrUnauthorized},
		"404":    {func(w *watching) { w.srv.Fail("lockers.assigned", lockerlinetest.Status(404).Times(-1)) }, lockerline.ErrNotFound},
		"closed": {func(w *watching) { assert.NoError(w, w.c.Close()) }, lockerline.ErrClosed},
		"no such tower": {func(w *watching) {
			w.set(free, harbor.LockerStatusAvailable, "")
			w.srv.Fail("towers.lockers", lockerlinetest.Status(404))
		}, lockerline.ErrNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := watch(t, time.Second)
				w.set(free, harbor.LockerStatusRented, self)
				done := w.wait(t.Context(), free, harbor.LockerStatusOccupied)
				c.break_(w)
				o := <-done
				we := requireAs[*harbor.WaitError](t, o.err)
				assert.ErrorIs(t, we, c.is)
				assert.Equal(t, harbor.LockerStatusRented, we.Last)
				before := len(w.srv.Requests())
				time.Sleep(time.Hour)
				assert.Len(t, w.srv.Requests(), before, "nothing is asked any more")
			})
		})
	}
}

func TestWait_RevokedTokenDoesNotEndIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, time.Second)
		w.set(free, harbor.LockerStatusRented, self)
		done := w.wait(t.Context(), free, harbor.LockerStatusOccupied)
		for range 5 {
			w.srv.RevokeTokens()
			time.Sleep(2 * time.Second)
		}
		w.set(free, harbor.LockerStatusOccupied, self)
		require.NoError(t, (<-done).err)
	})
}

func TestWait_LockerThatNoTowerKnowsIsNotFound(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, time.Second)
		o := <-w.wait(t.Context(), harbor.LockerRef{Tower: towerID, Locker: 1}, harbor.LockerStatusAvailable)
		assert.ErrorIs(t, o.err, lockerline.ErrNotFound)
		o = <-w.wait(t.Context(), harbor.LockerRef{Tower: "00000000000000ff", Locker: 1}, harbor.LockerStatusAvailable)
		assert.ErrorIs(t, o.err, lockerline.ErrNotFound)
		o = <-w.wait(t.Context(), free, harbor.LockerStatusAvailable)
		assert.NoError(t, o.err, "an unassigned locker can be looked at")
		assert.False(t, o.Assigned)
	})
}

func TestWait_FailingTowerIsAskedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, time.Second)
		w.set(free, harbor.LockerStatusOccupied, self)
		done := w.wait(t.Context(), free, harbor.LockerStatusAvailable)
		w.srv.Fail("towers.lockers", lockerlinetest.HTML(http.StatusBadGateway).Times(6))
		w.set(free, harbor.LockerStatusAvailable, "")
		time.Sleep(1500 * time.Millisecond)
		w.pending(done)
		o := <-done
		require.NoError(t, o.err)
		assert.Equal(t, harbor.ObservationLegal, o.Kind)
	})
}
