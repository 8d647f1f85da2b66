package delivery_test

import (
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

// finding reconciles and returns what was found of one delivery.
func (r *rig) finding(reference string) delivery.Finding {
	r.Helper()
	report, err := r.Reconcile(r.Context())
	require.NoError(r, err)
	for _, f := range report.Findings {
		if f.Reference == reference {
			return f
		}
	}
	require.Fail(r, "nothing was found of "+reference)
	return delivery.Finding{}
}

func TestReconcile_SettlesEachDelivery(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		// A reservation that was made and not heard of.
		r.srv.Fail("lockers.reserve", lockerlinetest.Disconnect(lockerlinetest.After))
		r.srv.Fail("lockers.assigned", lockerlinetest.Status(503).Times(4))
		_, err := r.Start(r.Context(), request("adopted"))
		require.Error(t, err)
		r.srv.ClearFaults()
		assert.Equal(t, delivery.Finding{
			Reference: "adopted", Outcome: delivery.OutcomeAdopted, From: delivery.PhaseSearching, To: delivery.PhaseReserved,
		}, r.finding("adopted"))
		assert.Equal(t, delivery.OutcomeOpen, r.finding("adopted").Outcome)

		// A parcel put in, and taken out, while nobody looked.
		r.open(r.rented("moved"))
		assert.Equal(t, delivery.OutcomeAdvanced, r.finding("moved").Outcome)
		pick, err := r.PickupToken(r.Context(), "moved", forFive)
		require.NoError(t, err)
		r.open(pick)
		assert.Equal(t, delivery.PhaseCollected, r.finding("moved").To)

		// A rental that was given up, once the tower has heard of it.
		r.rented("released")
		_, err = r.Cancel(r.Context(), "released")
		require.NoError(t, err)
		assert.Equal(t, delivery.OutcomeOpen, r.finding("released").Outcome)
		r.sync()
		assert.Equal(t, delivery.OutcomeReleased, r.finding("released").Outcome)

		// A reservation that ran out.
		time.Sleep(6 * time.Minute)
		assert.Equal(t, delivery.OutcomeExpired, r.finding("adopted").Outcome)
	})
}

// Each row: what staff, or a fault of somebody else, made of the locker, and what is said.
func TestReconcile_DoubtsWhatDoesNotFit(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		prepare func(r *rig)
		status  harbor.LockerStatus
		why     string
	}{
		"gone without a token": {func(r *rig) { r.stored("order") }, harbor.LockerStatusAvailable, "the locker is no longer ours, though no pick-up token was asked for"},
		"broken and full":      {func(r *rig) { r.stored("order") }, harbor.LockerStatusOutOfService, "the locker is out of service with the parcel in it"},
		"broken and maybe full": {
			func(r *rig) { r.rented("order") }, harbor.LockerStatusOutOfService, "the locker is out of service, and the parcel may be in it",
		},
		"set back by hand": {
			func(r *rig) { r.stored("order") }, harbor.LockerStatusRented, "the locker is not occupied any more, though the parcel is in it: its status was set by hand",
		},
		"occupied unasked": {func(r *rig) { r.start("order") }, harbor.LockerStatusOccupied, "the locker is occupied, though no drop-off token was asked for"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inBubble(t, func(r *rig) {
				c.prepare(r)
				require.NoError(t, r.srv.SetStatus(r.get("order").Locker.Ref, c.status, harbortest.DefaultClientID))
				f := r.finding("order")
				assert.Equal(t, delivery.OutcomeInDoubt, f.Outcome)
				assert.Equal(t, c.why, f.Why)
				assert.Equal(t, delivery.OutcomeInDoubt, r.finding("order").Outcome) // and stays so
				r.run()
				time.Sleep(time.Second)
				assert.Equal(t, delivery.NoticeInDoubt, delivery.NoticeKind(lastWord(r.told.list())))
			})
		})
	}
}

func lastWord(lines []string) string {
	last := lines[len(lines)-1]
	for i := len(last) - 1; i >= 0; i-- {
		if last[i] == ' ' {
			return last[i+1:]
		}
	}
	return last
}

func TestReconcile_DoubtEndsWhenHarborMakesSenseAgain(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.stored("order")
		ref := r.get("order").Locker.Ref
		require.NoError(t, r.srv.SetStatus(ref, harbor.LockerStatusOutOfService, ""))
		assert.Equal(t, delivery.PhaseInDoubt, r.finding("order").To)
		require.NoError(t, r.srv.SetStatus(ref, harbor.LockerStatusOccupied, harbortest.DefaultClientID))
		assert.Equal(t, delivery.PhaseStored, r.finding("order").To)
	})
}

func TestResolve_EndsADoubt(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.stored("order")
		_, err := r.Resolve(r.Context(), "order", delivery.PhaseCollected, "seen")
		require.ErrorIs(t, err, delivery.ErrPhase)
		require.NoError(t, r.srv.SetStatus(r.get("order").Locker.Ref, harbor.LockerStatusAvailable, ""))
		r.finding("order")
		_, err = r.Resolve(r.Context(), "order", delivery.PhaseStored, "")
		require.Error(t, err)
		for range 2 {
			d, err := r.Resolve(r.Context(), "order", delivery.PhaseCollected, "handed over at the counter")
			require.NoError(t, err)
			assert.Equal(t, delivery.PhaseCollected, d.Phase)
			assert.False(t, d.Claimed)
		}
	})
}

func TestReconcile_ReportsLockersThatNoDeliveryKnows(t *testing.T) {
	t.Parallel()
	for _, release := range []bool{false, true} {
		var opts []delivery.Option
		if release {
			opts = append(opts, delivery.WithReleaseUnknown())
		}
		inBubble(t, func(r *rig) {
			reserved, rented, full := ref(950), ref(951), ref(953)
			_, err := r.client.Lockers.Reserve(r.Context(), reserved, time.Hour)
			require.NoError(t, err)
			_, err = r.client.Lockers.DropoffToken(r.Context(), rented, harbor.TokenRequest{Duration: time.Hour})
			require.NoError(t, err)
			tok, err := r.client.Lockers.DropoffToken(r.Context(), full, harbor.TokenRequest{Duration: time.Hour})
			require.NoError(t, err)
			r.open(tok)
			r.start("order")
			report, err := r.Reconcile(r.Context())
			require.NoError(t, err)
			var unknown []harbor.LockerRef
			for _, l := range report.Unknown {
				unknown = append(unknown, l.Ref())
			}
			assert.ElementsMatch(t, []harbor.LockerRef{reserved, rented, full}, unknown)
			assert.Equal(t, harbor.LockerStatusOccupied, r.status(full)) // what holds something is never touched
			if !release {
				assert.Equal(t, harbor.LockerStatusReserved, r.status(reserved))
				assert.Equal(t, harbor.LockerStatusRented, r.status(rented))
				return
			}
			assert.Equal(t, harbor.LockerStatusAvailable, r.status(reserved))
			assert.Equal(t, harbor.LockerStatusReleased, r.status(rented))
			r.sync()
			report, err = r.Reconcile(r.Context())
			require.NoError(t, err)
			assert.Len(t, report.Unknown, 1)
			assert.Equal(t, 2, r.mine()) // the order's, and what holds something
		}, opts...)
	}
}

func ref(id harbor.LockerID) harbor.LockerRef { return harbor.LockerRef{Tower: tower, Locker: id} }

func TestReconcile_FindsAParcelThatHarborHeardOfLate(t *testing.T) {
	t.Parallel()
	for _, running := range []bool{false, true} {
		inBubble(t, func(r *rig) {
			tok := r.rented("order")
			phone := r.srv.Phone(r.srv.AccessToken("", harbor.ScopeTowerAccess))
			require.NoError(t, phone.Connect(tok.Tower))
			phone.SetOnline(false)
			_, err := phone.Use(tok.Payload, tok.PayloadAuth)
			require.NoError(t, err)
			require.NoError(t, phone.CloseDoor())
			if running {
				r.run()
			}
			time.Sleep(7 * time.Minute)
			_, err = r.Reconcile(r.Context())
			require.NoError(t, err)
			require.Equal(t, delivery.PhaseExpired, r.get("order").Phase)
			r.sync() // somebody else's phone brings the news
			if running {
				time.Sleep(10 * time.Second)
			} else {
				assert.Equal(t, delivery.OutcomeAdvanced, r.finding("order").Outcome)
			}
			assert.Equal(t, delivery.PhaseStored, r.get("order").Phase)
			assert.True(t, r.get("order").Claimed)
		})
	}
}

func TestReconcile_SaysWhichTowerItCouldNotAsk(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.start("order")
		time.Sleep(6 * time.Minute)
		r.srv.Fail("towers.lockers", lockerlinetest.Status(500).Times(-1))
		f := r.finding("order")
		assert.Equal(t, delivery.OutcomeOpen, f.Outcome)
		require.ErrorIs(t, f.Err, lockerline.ErrServer)
		r.srv.ClearFaults()
		assert.Equal(t, delivery.OutcomeExpired, r.finding("order").Outcome)
		r.srv.Fail("lockers.assigned", lockerlinetest.Status(500).Times(-1))
		_, err := r.Reconcile(r.Context())
		assert.ErrorIs(t, err, lockerline.ErrServer)
	})
}

func TestRun_SearchWithoutALockerExpires(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.run()
		req := request("order")
		req.Types = []string{"none like it"}
		_, err := r.Start(r.Context(), req)
		require.ErrorIs(t, err, harbor.ErrNoLockerAvailable)
		time.Sleep(11 * time.Minute)
		assert.Equal(t, []string{"order 1 expired"}, r.told.list())
		n, err := r.Prune(r.Context(), time.Now())
		require.NoError(t, err)
		assert.Equal(t, 1, n)
	})
}
