package delivery_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/delivery"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

func TestCancel_GivesAReservationBack(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		d := r.start("order")
		for range 2 { // safe to repeat
			got, err := r.Cancel(r.Context(), "order")
			require.NoError(t, err)
			assert.Equal(t, delivery.PhaseCancelled, got.Phase)
		}
		assert.Equal(t, harbor.LockerStatusAvailable, r.status(d.Locker.Ref))
		assert.Len(t, r.srv.Requests("lockers.cancel_reservation"), 1)
		r.start("another")
	})
}

func TestCancel_ReleasesARental(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.run()
		r.rented("order")
		d, err := r.Cancel(r.Context(), "order")
		require.NoError(t, err)
		assert.Equal(t, delivery.PhaseReleasing, d.Phase)
		assert.Equal(t, harbor.LockerStatusReleased, r.status(d.Locker.Ref))
		_, err = r.Cancel(r.Context(), "order")
		require.NoError(t, err)
		assert.Len(t, r.srv.Requests("lockers.release"), 1)
		r.sync()
		time.Sleep(time.Minute)
		assert.Equal(t, delivery.PhaseCancelled, r.get("order").Phase)
		assert.Equal(t, []string{"order 1 cancelled"}, r.told.list())
	})
}

func TestCancel_ParcelThatComesAfterItIsStored(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.run()
		tok := r.rented("order")
		phone := r.srv.Phone(r.srv.AccessToken("", harbor.ScopeTowerAccess))
		require.NoError(t, phone.Connect(tok.Tower)) // before the release
		_, err := r.Cancel(r.Context(), "order")
		require.NoError(t, err)
		_, err = phone.Use(tok.Payload, tok.PayloadAuth)
		require.NoError(t, err)
		require.NoError(t, phone.CloseDoor())
		time.Sleep(5 * time.Minute)
		assert.Equal(t, delivery.PhaseStored, r.get("order").Phase)
		assert.Equal(t, []string{"order 1 stored"}, r.told.list())
		_, err = r.Cancel(r.Context(), "order")
		assert.ErrorIs(t, err, delivery.ErrPhase)
	})
}

func TestCancel_LostAnswerSettles(t *testing.T) {
	t.Parallel()
	for _, cut := range []lockerlinetest.Moment{lockerlinetest.Before, lockerlinetest.After} {
		t.Run(fmt.Sprint(cut), func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(r *rig) {
				r.run()
				r.start("order")
				r.srv.Fail("lockers.cancel_reservation", lockerlinetest.Disconnect(cut))
				_, err := r.Cancel(r.Context(), "order")
				require.ErrorIs(t, err, lockerline.ErrOutcomeUnknown)
				d := r.get("order")
				assert.Equal(t, delivery.PhaseReleasing, d.Phase)
				assert.True(t, d.Claimed) // until a late request can do no harm
				time.Sleep(3 * time.Minute)
				assert.Equal(t, delivery.PhaseCancelled, r.get("order").Phase)
				assert.Zero(t, r.mine())
			})
		})
	}
}

func TestCancel_SearchThatMayHaveTakenALockerGivesItBack(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.run()
		r.srv.Fail("lockers.reserve", lockerlinetest.Disconnect(lockerlinetest.After))
		r.srv.Fail("lockers.assigned", lockerlinetest.Status(503).Times(4))
		_, err := r.Start(r.Context(), request("order"))
		require.Error(t, err)
		r.srv.ClearFaults()
		require.Equal(t, 1, r.mine())
		_, err = r.Cancel(r.Context(), "order")
		require.NoError(t, err)
		assert.Zero(t, r.mine())
		time.Sleep(5 * time.Minute)
		assert.Equal(t, delivery.PhaseCancelled, r.get("order").Phase)
	})
}

func TestCancel_WithoutARouteWaitsForTheReservationToEnd(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.run()
		r.srv.Fail("lockers.cancel_reservation", lockerlinetest.Status(404).Times(-1))
		r.start("order")
		_, err := r.Cancel(r.Context(), "order")
		require.ErrorIs(t, err, lockerline.ErrNotFound)
		assert.Equal(t, delivery.PhaseReleasing, r.get("order").Phase)
		time.Sleep(10 * time.Minute)
		assert.Equal(t, delivery.PhaseCancelled, r.get("order").Phase)
	})
}

func TestCancel_UnknownReferenceIsNotFound(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		_, err := r.Cancel(r.Context(), "order")
		assert.ErrorIs(t, err, delivery.ErrNotFound)
	})
}
