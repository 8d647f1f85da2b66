package harbor_test

import (
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

// Another provider's parcel in what was our locker must never look like ours.
func TestWait_OccupiedByAnotherIsNotOccupied(t *testing.T) {
	t.Parallel()
	for _, nudged := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := watch(t, time.Minute)
			w.set(free, harbor.LockerStatusRented, self)
			done := w.wait(t.Context(), free, harbor.LockerStatusOccupied)
			time.Sleep(30 * time.Second)
			w.set(free, harbor.LockerStatusAvailable, "")
			w.set(free, harbor.LockerStatusOccupied, neighbour)
			if nudged {
				w.w.Nudge(free)
			}
			o := <-done
			assert.ErrorIs(t, o.err, harbor.ErrUnreachable)
			we := requireAs[*harbor.WaitError](t, o.err)
			assert.Equal(t, harbor.LockerStatusOccupied, we.Last)
		})
	}
}

func TestWait_ForALockerOfAnotherEnds(t *testing.T) {
	t.Parallel()
	for _, status := range []harbor.LockerStatus{harbor.LockerStatusReserved, harbor.LockerStatusRented, harbor.LockerStatusOccupied} {
		synctest.Test(t, func(t *testing.T) {
			w := watch(t, time.Second)
			w.set(foreign, status, neighbour)
			o := <-w.wait(t.Context(), foreign, harbor.LockerStatusOccupied)
			assert.ErrorIs(t, o.err, harbor.ErrUnreachable, status)
		})
	}
}

func TestWait_EndsWhenNothingLeadsThere(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		from, to harbor.LockerStatus
		owner    string
		want     []harbor.LockerStatus
	}{
		"reservation ran out": {from: harbor.LockerStatusReserved, to: harbor.LockerStatusAvailable, want: []harbor.LockerStatus{harbor.LockerStatusOccupied}},
		"rental ran out":      {from: harbor.LockerStatusRented, to: harbor.LockerStatusAvailable, want: []harbor.LockerStatus{harbor.LockerStatusOccupied}},
		"out of service":      {from: harbor.LockerStatusRented, to: harbor.LockerStatusOutOfService, want: []harbor.LockerStatus{harbor.LockerStatusOccupied}},
		"never rented again":  {from: harbor.LockerStatusOccupied, to: harbor.LockerStatusOccupied, owner: self, want: []harbor.LockerStatus{harbor.LockerStatusRented, harbor.LockerStatusReserved}},
		"another has it":      {from: harbor.LockerStatusRented, to: harbor.LockerStatusRented, owner: neighbour, want: []harbor.LockerStatus{harbor.LockerStatusOccupied}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := watch(t, time.Second)
				w.set(free, c.from, self)
				start := time.Now()
				done := w.wait(t.Context(), free, c.want...)
				w.set(free, c.to, c.owner)
				o := <-done
				we := requireAs[*harbor.WaitError](t, o.err)
				assert.ErrorIs(t, we, harbor.ErrUnreachable)
				assert.Equal(t, c.to, we.Last)
				assert.LessOrEqual(t, o.at.Sub(start), 3*time.Second)
				assert.NotEmpty(t, we.Error())
			})
		})
	}
}

func TestWait_AvailableIsInferredWhenAnotherHasTheLocker(t *testing.T) {
	t.Parallel()
	for _, status := range []harbor.LockerStatus{harbor.LockerStatusReserved, harbor.LockerStatusRented, harbor.LockerStatusOccupied} {
		synctest.Test(t, func(t *testing.T) {
			w := watch(t, time.Second)
			w.set(free, harbor.LockerStatusOccupied, self)
			done := w.wait(t.Context(), free, harbor.LockerStatusAvailable)
			w.set(free, harbor.LockerStatusAvailable, "")
			w.set(free, status, neighbour)
			o := <-done
			require.NoError(t, o.err)
			assert.Equal(t, harbor.LockerStatusAvailable, o.To)
			assert.True(t, o.Inferred)
			assert.Equal(t, status, o.Seen, "the other provider's")
			assert.Equal(t, harbor.LockerStatusOccupied, o.From)
			assert.Equal(t, []harbor.LockerEvent{harbor.LockerEventPickupTokenUsed}, o.Path)
			assert.False(t, o.Assigned)
		})
	}
}

// Under one of the open readings of Harbor a released locker is off the list at once.
func TestWait_ReleasedLockerOffTheListCanStillBeOccupied(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, time.Second, harbortest.WithQuirks(harbortest.Quirks{ReleasedIsUnassigned: true}))
		w.set(free, harbor.LockerStatusRented, self)
		occupied := w.wait(t.Context(), free, harbor.LockerStatusOccupied)
		released := w.wait(t.Context(), free, harbor.LockerStatusReleased)
		w.set(free, harbor.LockerStatusReleased, self)
		o := <-released
		require.NoError(t, o.err)
		assert.False(t, o.Assigned)
		time.Sleep(time.Minute)
		w.pending(occupied)
		w.set(free, harbor.LockerStatusOccupied, self) // the parcel came before the tower learned it
		o = <-occupied
		require.NoError(t, o.err)
		assert.True(t, o.Assigned)
	})
}

func TestWait_LockerThatLeavesTheListIsLookedUpFirst(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, time.Second)
		w.set(free, harbor.LockerStatusOccupied, self)
		done := w.wait(t.Context(), free, harbor.LockerStatusAvailable)
		assert.Empty(t, w.srv.Requests("towers.lockers"))
		w.set(free, harbor.LockerStatusAvailable, "")
		o := <-done
		require.NoError(t, o.err)
		assert.Len(t, w.srv.Requests("towers.lockers"), 1)
		assert.Equal(t, harbor.ObservationLegal, o.Kind)
		assert.Equal(t, []harbor.LockerEvent{harbor.LockerEventPickupTokenUsed}, o.Path)
	})
}

// A list that leaves a locker out once (two answers of different moments) ends nothing.
func TestWait_ListThatMissesALockerOnceEndsNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, time.Second)
		w.set(free, harbor.LockerStatusRented, self)
		done := w.wait(t.Context(), free, harbor.LockerStatusOccupied)
		for range 5 {
			w.srv.Fail("lockers.assigned", lockerlinetest.Answer(200, "application/json", "[]"))
			time.Sleep(2500 * time.Millisecond)
		}
		w.pending(done)
		w.set(free, harbor.LockerStatusOccupied, self)
		o := <-done
		require.NoError(t, o.err)
		assert.True(t, o.Assigned)
	})
}

func TestWait_UnknownStatusCanBeAwaited(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		names := map[harbor.LockerStatus]string{harbor.LockerStatusReleased: "In Repair"}
		w := watch(t, time.Second, harbortest.WithQuirks(harbortest.Quirks{StatusNames: names}))
		w.set(free, harbor.LockerStatusRented, self)
		done := w.wait(t.Context(), free, "In Repair")
		other := w.wait(t.Context(), free, harbor.LockerStatusOccupied)
		w.set(free, harbor.LockerStatusReleased, self)
		require.NoError(t, (<-done).err)
		time.Sleep(time.Minute)
		w.pending(other) // what an unknown status leads to is unknown
		w.set(free, harbor.LockerStatusOccupied, self)
		require.NoError(t, (<-other).err)
	})
}

// towerless leaves the tower out of the list of assigned lockers, whose shape is not
// documented.
func towerless(next http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		resp, err := next.RoundTrip(r)
		if err != nil || !strings.HasSuffix(r.URL.Path, "/assigned-lockers") {
			return resp, err
		}
		defer resp.Body.Close()
		b, err := io.ReadAll(resp.Body)
		b = bytes.ReplaceAll(b, []byte(`"towerId":"0100000000000175",`), nil)
		resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(b)), int64(len(b))
		return resp, err
	})
}

func TestWait_ListWithoutTowersIsMatchedByLocker(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watchThrough(t, time.Second, towerless)
		w.set(free, harbor.LockerStatusRented, self)
		w.set(other, harbor.LockerStatusReserved, self)
		done := w.wait(t.Context(), free, harbor.LockerStatusOccupied)
		time.Sleep(10 * time.Second)
		w.pending(done)
		next := follow(t, w.w.Changes(t.Context()))
		got := map[harbor.LockerRef]harbor.LockerStatus{}
		for range 2 {
			c, err := next()
			require.NoError(t, err)
			got[c.Ref] = c.To
		}
		assert.Equal(t, map[harbor.LockerRef]harbor.LockerStatus{free: harbor.LockerStatusRented, {Locker: other.Locker}: harbor.LockerStatusReserved}, got)
		w.set(free, harbor.LockerStatusOccupied, self)
		require.NoError(t, (<-done).err)
		w.set(other, harbor.LockerStatusAvailable, "")
		for range 2 {
			c, err := next()
			require.NoError(t, err)
			got[c.Ref] = c.To
			assert.Equal(t, c.Ref == free, c.Assigned)
		}
		assert.Equal(t, harbor.LockerStatusOccupied, got[free])
		assert.Equal(t, harbor.LockerStatusReserved, got[harbor.LockerRef{Locker: other.Locker}], "no tower can be asked what became of it")
		o := <-w.wait(t.Context(), free, harbor.LockerStatusOccupied)
		require.NoError(t, o.err)
	})
}
