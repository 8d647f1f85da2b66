package harbor_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

func TestGiveBack_DoesWhatTheStatusNeeds(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		status           harbor.LockerStatus
		owner            string
		after            harbor.LockerStatus
		cancels, release int
		err              error
	}{
		"available":      {harbor.LockerStatusAvailable, "", harbor.LockerStatusAvailable, 0, 0, nil},
		"reserved":       {harbor.LockerStatusReserved, self, harbor.LockerStatusAvailable, 1, 0, nil},
		"rented":         {harbor.LockerStatusRented, self, harbor.LockerStatusReleased, 0, 1, nil},
		"occupied":       {harbor.LockerStatusOccupied, self, harbor.LockerStatusOccupied, 0, 0, harbor.ErrHoldsParcel},
		"of another":     {harbor.LockerStatusReserved, neighbour, harbor.LockerStatusReserved, 0, 0, nil},
		"out of service": {harbor.LockerStatusOutOfService, "", harbor.LockerStatusOutOfService, 0, 0, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := watch(t, time.Second)
				w.set(free, tc.status, tc.owner)
				for range 2 {
					require.ErrorIs(t, w.c.Lockers.GiveBack(t.Context(), free), tc.err)
					assert.Equal(t, tc.after, w.status(free))
				}
				assert.Len(t, w.srv.Requests("lockers.cancel_reservation"), tc.cancels, "once, though called twice")
				assert.Len(t, w.srv.Requests("lockers.release"), tc.release, "once, though called twice")
			})
		})
	}
}

func TestGiveBack_LooksAgainAfterALostAnswer(t *testing.T) {
	t.Parallel()
	for operation, status := range map[string]harbor.LockerStatus{
		"lockers.cancel_reservation": harbor.LockerStatusReserved, "lockers.release": harbor.LockerStatusRented,
	} {
		for name, tc := range map[string]struct {
			fault lockerlinetest.Fault
			sent  int
		}{
			"before": {lockerlinetest.Disconnect(lockerlinetest.Before), 2},
			"after":  {lockerlinetest.Disconnect(lockerlinetest.After), 1},
		} {
			t.Run(operation+" "+name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					w := watch(t, time.Second)
					w.set(free, status, self)
					w.srv.Fail(operation, tc.fault.Times(1))
					require.NoError(t, w.c.Lockers.GiveBack(t.Context(), free))
					assert.NotEqual(t, status, w.status(free))
					assert.Len(t, w.srv.Requests(operation), tc.sent)
				})
			})
		}
	}
}

func TestGiveBack_ReportsWhenEveryAnswerIsLost(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := watch(t, time.Second)
		w.set(free, harbor.LockerStatusRented, self)
		w.srv.Fail("lockers.release", lockerlinetest.Disconnect(lockerlinetest.Before).Times(10))
		require.ErrorIs(t, w.c.Lockers.GiveBack(t.Context(), free), lockerline.ErrOutcomeUnknown)
		assert.Equal(t, harbor.LockerStatusRented, w.status(free))
		assert.Len(t, w.srv.Requests("lockers.release"), 3, "it gives up")
	})
}
