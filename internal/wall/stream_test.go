package wall

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
)

func TestStream_BeginsWithTheWholeWallAndSendsChanges(t *testing.T) {
	t.Parallel()
	source := twoDoors()
	w := newWall(t, source, Options{})
	v := watch(t, w, "")
	first := v.next(t)
	assert.Equal(t, "snapshot", first.name)
	var s State
	require.NoError(t, json.Unmarshal([]byte(first.data), &s))
	assert.Len(t, s.Towers[0].Doors, 2)

	source.set(948, harbor.LockerStatusReserved)
	require.NoError(t, w.Look(t.Context()))
	e := v.next(t)
	assert.Equal(t, "change", e.name)
	var c Change
	require.NoError(t, json.Unmarshal([]byte(e.data), &c))
	assert.Equal(t, harbor.ObservationLegal, c.Kind)
	assert.Equal(t, harbor.LockerStatusAvailable, c.From)
	assert.Equal(t, harbor.LockerStatusReserved, c.Door.Status)
	assert.Equal(t, []harbor.LockerEvent{harbor.LockerEventReserve}, c.Path)
	assert.Equal(t, "Door 1 of Tower 175 is now reserved", c.Text)
}

func TestStream_BrowserThatComesBackGetsWhatItMissed(t *testing.T) {
	t.Parallel()
	source := twoDoors()
	w := newWall(t, source, Options{})
	id := watch(t, w, "").next(t).id
	for _, s := range []harbor.LockerStatus{harbor.LockerStatusReserved, harbor.LockerStatusRented} {
		source.set(948, s)
		require.NoError(t, w.Look(t.Context()))
	}
	v := watch(t, w, id)
	assert.Contains(t, v.next(t).data, `"kind":"legal","from":"available"`)
	assert.Contains(t, v.next(t).data, `"kind":"legal","from":"reserved"`)
}

func TestStream_BrowserThatMissedTooMuchGetsTheWholeWall(t *testing.T) {
	t.Parallel()
	source := twoDoors()
	w := newWall(t, source, Options{})
	id := watch(t, w, "").next(t).id
	for i := range maxFrames + 1 {
		source.set(948, []harbor.LockerStatus{harbor.LockerStatusReserved, harbor.LockerStatusAvailable}[i%2])
		require.NoError(t, w.Look(t.Context()))
	}
	assert.Equal(t, "snapshot", watch(t, w, id).next(t).name)
	assert.LessOrEqual(t, len(w.hub.frames), maxFrames)
}

func TestStream_NumberOfAnotherProcessGetsTheWholeWall(t *testing.T) {
	t.Parallel()
	w := newWall(t, twoDoors(), Options{})
	for _, id := range []string{"OTHERONE-1", "1", "", w.hub.epoch + "-99", w.hub.epoch + "-x", w.hub.epoch + "-18446744073709551615"} {
		assert.Equal(t, "snapshot", watch(t, w, id).next(t).name, id)
	}
}

func TestStream_LookWithoutChangeSendsNothing(t *testing.T) {
	t.Parallel()
	w := newWall(t, twoDoors(), Options{})
	before := w.hub.last()
	for range 3 {
		require.NoError(t, w.Look(t.Context()))
	}
	assert.Equal(t, before, w.hub.last())
}

func TestStream_DoorsThatComeOrGoAreSentAsAWhole(t *testing.T) {
	t.Parallel()
	source := twoDoors()
	w := newWall(t, source, Options{})
	v := watch(t, w, "")
	v.next(t)
	source.mu.Lock()
	source.lockers = source.lockers[:1]
	source.mu.Unlock()
	require.NoError(t, w.Look(t.Context()))
	e := v.next(t)
	assert.Equal(t, "snapshot", e.name)
	assert.NotContains(t, e.data, `"locker":949`)
	assert.Equal(t, http.StatusNotFound, get(t, w, "/_wall/doors/0100000000000175/949").Code)
}

func TestStream_SourceThatFailsMarksTheWallAsOld(t *testing.T) {
	t.Parallel()
	source := twoDoors()
	w := newWall(t, source, Options{})
	v := watch(t, w, "")
	v.next(t)
	source.fail(errSource)
	require.ErrorIs(t, w.Look(t.Context()), errSource)
	require.ErrorIs(t, w.Look(t.Context()), errSource) // told once
	e := v.next(t)
	assert.Contains(t, e.data, `"stale":true`)
	assert.Contains(t, e.data, `"locker":948`, "what was seen last stays")
	source.fail(nil)
	require.NoError(t, w.Look(t.Context()))
	assert.Contains(t, v.next(t).data, `"stale":false`)
}

// Everything ends with its context: the bubble fails the test when a goroutine is left.
func TestStream_LeavesNothingBehind(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := twoDoors()
		w := newWall(t, source, Options{})
		ctx, end := context.WithCancel(t.Context())
		var done sync.WaitGroup
		done.Go(func() { w.Run(ctx) })
		leaving, leave := context.WithCancel(t.Context())
		stays, leaves := &paper{header: http.Header{}}, &paper{header: http.Header{}}
		for rw, ctx := range map[*paper]context.Context{stays: t.Context(), leaves: leaving} {
			done.Go(func() { w.ServeHTTP(rw, httptest.NewRequestWithContext(ctx, http.MethodGet, "/_wall/stream", nil)) })
		}
		synctest.Wait()
		leave()
		synctest.Wait()
		assert.Len(t, w.viewers, 1, "who leaves is counted out")
		source.set(948, harbor.LockerStatusReserved)
		time.Sleep(2 * heartbeat) // Run looks by itself
		assert.Contains(t, stays.String(), "event: change")
		assert.NotContains(t, leaves.String(), "event: change")
		assert.Contains(t, stays.String(), ": still here")
		end()
		done.Wait()
		assert.Empty(t, w.viewers)
	})
}

func TestStream_ViewerThatDoesNotReadHoldsNoOtherUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := twoDoors()
		w := newWall(t, source, Options{})
		gone := make(chan struct{})
		var done sync.WaitGroup
		done.Go(func() {
			w.ServeHTTP(deaf{http.Header{}, gone}, httptest.NewRequest(http.MethodGet, "/_wall/stream", nil))
		})
		synctest.Wait()
		for i := range 10 * maxFrames {
			source.set(948, []harbor.LockerStatus{harbor.LockerStatusReserved, harbor.LockerStatusAvailable}[i%2])
			require.NoError(t, w.Look(t.Context()))
		}
		assert.LessOrEqual(t, len(w.hub.frames), maxFrames, "nothing is queued for it")
		close(gone)
		done.Wait()
	})
}

func TestStream_TooManyViewersAreRefused(t *testing.T) {
	t.Parallel()
	w := newWall(t, twoDoors(), Options{MaxViewers: 1})
	v := watch(t, w, "")
	v.next(t)
	rec := get(t, w, "/_wall/stream")
	assert.Equal(t, http.StatusServiceUnavailable, rec.Code)
	assert.NotEmpty(t, rec.Header().Get("Retry-After"))
}

func TestNudge_LooksAtOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		source := twoDoors()
		w := newWall(t, source, Options{Interval: time.Hour})
		ctx, end := context.WithCancel(t.Context())
		var done sync.WaitGroup
		done.Go(func() { w.Run(ctx) })
		synctest.Wait()
		source.set(948, harbor.LockerStatusRented)
		w.Nudge()
		synctest.Wait()
		assert.Contains(t, get(t, w, "/_wall/state").Body.String(), `"status":"rented"`)
		end()
		done.Wait()
	})
}
