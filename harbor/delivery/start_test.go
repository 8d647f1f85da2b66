package delivery_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/delivery"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

func TestStart_TwiceIsOneDelivery(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		first := r.start("order")
		again := r.start("order")
		assert.Equal(t, first, again)
		assert.Equal(t, 1, r.mine())
		assert.Len(t, r.srv.Requests("lockers.reserve"), 1)
	})
}

func TestStart_OtherRequestOfTheSameReferenceIsRefused(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.start("order")
		other := request("order")
		other.Types = []string{"large"}
		_, err := r.Start(r.Context(), other)
		assert.ErrorIs(t, err, delivery.ErrDifferentRequest)
		assert.Equal(t, 1, r.mine())
	})
}

func TestStart_DeliveryThatIsOverIsErrEnded(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.start("order")
		_, err := r.Cancel(r.Context(), "order")
		require.NoError(t, err)
		d, err := r.Start(r.Context(), request("order"))
		assert.Nil(t, d)
		require.ErrorIs(t, err, delivery.ErrEnded)
		over, ok := errors.AsType[*delivery.EndedError](err)
		require.True(t, ok)
		assert.Equal(t, delivery.PhaseCancelled, over.Delivery.Phase)
		assert.EqualError(t, err, "delivery: start: the delivery is cancelled already; choose another reference")
		assert.Zero(t, r.mine())
	})
}

func TestStart_FallsBackToALargerSize(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		want := []string{"small", "small", "small", "medium", "medium"}
		for i, size := range want {
			req := request(fmt.Sprint(i))
			req.Types = []string{" Small", "MEDIUM"}
			d, err := r.Start(r.Context(), req)
			require.NoError(t, err)
			assert.Equal(t, size, d.Locker.Type)
		}
		req := request("one too many")
		req.Types = []string{"small", "medium"}
		d, err := r.Start(r.Context(), req)
		require.ErrorIs(t, err, harbor.ErrNoLockerAvailable)
		assert.Nil(t, d)
		assert.Equal(t, delivery.PhaseSearching, r.get(req.Reference).Phase)
		_, err = r.Cancel(r.Context(), "0")
		require.NoError(t, err)
		d, err = r.Start(r.Context(), req) // the same call goes on searching
		require.NoError(t, err)
		assert.Equal(t, delivery.PhaseReserved, d.Phase)
	})
}

func TestStart_TakesLowLockersOnlyWhenWanted(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		req := delivery.Request{Reference: "order", Tower: tower, LowLocker: true}
		d, err := r.Start(r.Context(), req)
		require.NoError(t, err)
		assert.True(t, d.Locker.Low)
	})
}

func TestStart_SearchesALocationOrAnArea(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		area := harbor.Area{Start: lockerline.LatLng{Lat: 34, Lng: -118}, End: lockerline.LatLng{Lat: 35, Lng: -119}}
		for name, req := range map[string]delivery.Request{
			"location": {Location: 363, Types: []string{"x-large"}}, "area": {Area: &area, Types: []string{"x-large"}},
		} {
			req.Reference = name
			d, err := r.Start(r.Context(), req)
			require.NoError(t, err, name)
			assert.Equal(t, "x-large", d.Locker.Type)
		}
		none := harbor.Area{Start: lockerline.LatLng{Lat: 1, Lng: 1}, End: lockerline.LatLng{Lat: 2, Lng: 2}}
		_, err := r.Start(r.Context(), delivery.Request{Reference: "nowhere", Area: &none})
		assert.ErrorIs(t, err, harbor.ErrNoLockerAvailable)
	})
}

func TestStart_TriesTheNextLockerWhenAnotherProviderWasFaster(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		refused := lockerlinetest.Answer(409, "application/json", `{"detail":"Locker is not available"}`)
		r.srv.Fail("lockers.reserve", refused, refused)
		d := r.start("order")
		assert.Len(t, r.srv.Requests("lockers.reserve"), 3)
		assert.Equal(t, 1, r.mine())
		assert.Equal(t, []delivery.Event{"chosen", "refused", "chosen", "refused", "chosen", "reserved"}, events(d))
	})
}

func events(d *delivery.Delivery) (out []delivery.Event) {
	for _, e := range d.History {
		out = append(out, e.Event)
	}
	return out
}

// A lost answer is looked up: one that was applied is not asked for again, one that was not
// is asked for at the same locker.
func TestStart_LooksUpALostAnswer(t *testing.T) {
	t.Parallel()
	for cut, want := range map[lockerlinetest.Moment]int{lockerlinetest.After: 1, lockerlinetest.Within: 1, lockerlinetest.Before: 2} {
		t.Run(fmt.Sprint(cut), func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(r *rig) {
				r.srv.Fail("lockers.reserve", lockerlinetest.Disconnect(cut))
				d := r.start("order")
				assert.Len(t, r.srv.Requests("lockers.reserve"), want)
				assert.Equal(t, 1, r.mine())
				assert.Equal(t, []delivery.Event{"chosen", "reserved"}, events(d))
			})
		})
	}
}

func TestStart_GoesOnWhenCalledAgain(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.srv.Fail("lockers.reserve", lockerlinetest.Disconnect(lockerlinetest.After))
		r.srv.Fail("lockers.assigned", lockerlinetest.Status(503).Times(-1))
		_, err := r.Start(r.Context(), request("order"))
		require.ErrorIs(t, err, lockerline.ErrOutcomeUnknown)
		require.ErrorIs(t, err, lockerline.ErrServer)
		d := r.record("order")
		assert.Equal(t, delivery.OpReserve, d.Pending.Op)
		assert.True(t, d.Claimed)
		r.srv.ClearFaults()
		again := r.start("order")
		assert.Equal(t, d.Locker, again.Locker)
		assert.Nil(t, r.record("order").Pending)
		assert.Len(t, r.srv.Requests("lockers.reserve"), 1)
	})
}

func TestStart_WithoutEffectHoldsNothing(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.srv.Fail("lockers.reserve", lockerlinetest.RateLimited(time.Hour))
		_, err := r.Start(r.Context(), request("order"))
		require.ErrorIs(t, err, lockerline.ErrRateLimited)
		d := r.record("order")
		assert.Nil(t, d.Locker)
		assert.Nil(t, d.Pending)
		r.start("order")
	})
}

func TestStart_ChecksItsRequest(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		_, err := r.Start(r.Context(), delivery.Request{Types: []string{""}, ReserveFor: time.Millisecond, Location: 1, Tower: "x"})
		problem, ok := errors.AsType[*delivery.RequestError](err)
		require.True(t, ok)
		assert.Len(t, problem.Problems, 5)
		assert.Equal(t, "delivery: start: Reference must not be empty; Tower must be 16 hexadecimal digits; "+
			"exactly one of Area, Location and Tower must be given; Types must not hold an empty name; ReserveFor must be whole seconds", err.Error())
		assert.Empty(t, r.srv.Requests())
	})
}

func TestStart_ManyShareATowerWithoutTakingTwice(t *testing.T) {
	t.Parallel()
	for range 30 { // some orders of events are rare
		require.Empty(t, contend(t, delivery.NewMemoryStore()))
	}
}

// Two managers are told to start the same deliveries at once; if neither saw the other's
// changes, some would get two lockers.
func TestStart_ContentionTestNoticesAStoreWithoutVersions(t *testing.T) {
	t.Parallel()
	for range 20 {
		if contend(t, forgetfulStore{delivery.NewMemoryStore()}) != nil {
			return
		}
	}
	assert.Fail(t, "nothing was noticed")
}

// contend starts deliveries from several managers at once. It returns the lockers that are
// held and known to no delivery.
func contend(t *testing.T, store delivery.Store) (lost []harbor.LockerRef) {
	srv := harbortest.NewServer(t)
	client := newClient(t, srv)
	var wg sync.WaitGroup
	for range 3 {
		m, err := delivery.New(client, store)
		require.NoError(t, err)
		for i := range 8 {
			wg.Go(func() {
				for range 20 {
					d, err := m.Start(context.Background(), delivery.Request{Reference: fmt.Sprint(i), Location: 329})
					if err == nil && d.Phase == delivery.PhaseReserved {
						return
					}
				}
			})
		}
	}
	wg.Wait()
	known := map[harbor.LockerRef]bool{}
	for i := range 8 {
		r, err := store.Get(context.Background(), fmt.Sprint(i))
		require.NoError(t, err)
		if ref, ok := read(r).Ref(); ok {
			known[ref] = true
		}
	}
	for _, v := range srv.Snapshot() {
		if v.Owner == harbortest.DefaultClientID && !known[v.Ref] {
			lost = append(lost, v.Ref)
		}
	}
	return lost
}

// forgetfulStore takes any version for the newest.
type forgetfulStore struct{ delivery.Store }

func (s forgetfulStore) Update(ctx context.Context, r delivery.Row) error {
	for {
		now, err := s.Store.Get(ctx, r.Reference)
		if err != nil {
			return err
		}
		r.Version = now.Version + 1
		if err := s.Store.Update(ctx, r); !errors.Is(err, delivery.ErrStale) {
			return err
		}
	}
}
