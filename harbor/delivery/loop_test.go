package delivery_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/delivery"
	"github.com/lockerline/lockerline-go/harbor/harbortest"
	"github.com/lockerline/lockerline-go/internal/racetest"
	"github.com/lockerline/lockerline-go/lockerlinetest"
)

func TestRun_SeesWhatPhonesDo(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.run()
		r.open(r.rented("order"))
		time.Sleep(5 * time.Second)
		assert.Equal(t, delivery.PhaseStored, r.get("order").Phase)
		pick, err := r.PickupToken(r.Context(), "order", forFive)
		require.NoError(t, err)
		r.open(pick)
		time.Sleep(5 * time.Second)
		assert.Equal(t, delivery.PhaseCollected, r.get("order").Phase)
		assert.Equal(t, []string{"order 1 stored", "order 2 collected"}, r.told.list())
		assert.Empty(t, r.record("order").Outbox)
	})
}

func TestNudge_IsFollowedWithoutWaitingForATick(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.run()
		tok := r.rented("order") // the watcher has not seen this locker yet
		r.open(tok)
		d := r.get("order")
		r.Nudge(harbor.LockerRef{Tower: "0100000000000175", Locker: d.Locker.Ref.Locker})
		synctest.Wait() // no time passes
		assert.Equal(t, []string{"order 1 stored"}, r.told.list())
		pick, err := r.PickupToken(r.Context(), "order", forFive)
		require.NoError(t, err)
		r.open(pick)
		r.Nudge(d.Locker.Ref)
		synctest.Wait()
		assert.Equal(t, []string{"order 1 stored", "order 2 collected"}, r.told.list())
	}, delivery.WithInterval(time.Hour))
}

func TestNudge_UnknownLockerDoesNothing(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.Nudge(harbor.LockerRef{Tower: tower, Locker: 950}) // nobody runs
		stop := r.run()
		r.srv.ResetRequests()
		r.Nudge(harbor.LockerRef{Tower: tower, Locker: 950})
		synctest.Wait()
		assert.Empty(t, r.srv.Requests("towers.lockers"))
		stop()
	})
}

func TestRun_AsksForOneListATick(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		for _, name := range []string{"a", "b", "c", "d", "e"} {
			_, err := r.Start(r.Context(), delivery.Request{Reference: name, Tower: tower, ReserveFor: time.Hour})
			require.NoError(t, err)
		}
		r.run()
		time.Sleep(time.Second)
		r.srv.ResetRequests()
		time.Sleep(60 * time.Second)
		assert.Len(t, r.srv.Requests("lockers.assigned"), 30)
		assert.Len(t, r.srv.Requests(), 30)
	})
}

// staleStore says that somebody else was faster, a number of times.
type staleStore struct {
	delivery.Store
	left atomic.Int64
}

func (s *staleStore) Update(ctx context.Context, r delivery.Row) error {
	if s.left.Add(-1) >= 0 {
		return delivery.ErrStale
	}
	return s.Store.Update(ctx, r)
}

func TestNudge_ThatMeetsAnotherChangeIsNotLost(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		store := &staleStore{Store: r.store}
		r.store = store
		r.Manager = r.another(delivery.WithInterval(time.Hour))
		r.run()
		r.open(r.rented("order"))
		store.left.Store(3)
		r.Nudge(r.get("order").Locker.Ref)
		synctest.Wait()
		assert.Equal(t, []string{"order 1 stored"}, r.told.list())
	})
}

func TestNudge_IsFollowedWhenItsTowerAnswersAgain(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.run()
		r.stored("order")
		pick, err := r.PickupToken(r.Context(), "order", forFive)
		require.NoError(t, err)
		r.open(pick)
		r.srv.Fail("towers.lockers", lockerlinetest.Status(503).Times(30))
		r.Nudge(r.get("order").Locker.Ref)
		time.Sleep(5 * time.Minute)
		assert.Equal(t, []string{"order 1 stored", "order 2 collected"}, r.told.list())
	}, delivery.WithInterval(time.Second), delivery.WithSweepInterval(time.Hour))
}

func TestRun_TenThousandDeliveriesShareOneListATick(t *testing.T) {
	t.Parallel()
	n := 10_000
	if racetest.Enabled || testing.Short() {
		n = 1_000
	}
	synctest.Test(t, func(t *testing.T) {
		site, refs := crowdedSite(n)
		srv, err := harbortest.New(harbortest.WithLocations(site))
		require.NoError(t, err)
		c := crowdOf(t, srv, refs)
		_, stop := c.run(t)
		defer stop()
		time.Sleep(time.Second) // everything was compared
		c.srv.ResetRequests()
		time.Sleep(20 * time.Second)
		assert.Len(t, c.srv.Requests("lockers.assigned"), 10)
		assert.Len(t, c.srv.Requests(), 10)
	})
}

func TestRun_ReservationThatLapsesExpires(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.run()
		r.start("order")
		time.Sleep(6 * time.Minute)
		assert.Equal(t, delivery.PhaseExpired, r.get("order").Phase)
		assert.Equal(t, []string{"order 1 expired"}, r.told.list())
	})
}

func TestRun_RentalHeldForNothingIsGivenBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		srv, err := harbortest.New(harbortest.WithQuirks(harbortest.Quirks{RentalEndsAtSync: true}))
		require.NoError(t, err)
		t.Cleanup(srv.Close)
		r := &rig{T: t, srv: srv, store: delivery.NewMemoryStore(), told: &told{}, client: newClient(t, srv)}
		r.Manager = r.another()
		r.run()
		r.rented("order")
		d := r.get("order")
		time.Sleep(6 * time.Minute)
		assert.Equal(t, delivery.PhaseReleasing, r.get("order").Phase)
		assert.Equal(t, harbor.LockerStatusReleased, r.status(d.Locker.Ref))
		r.sync()
		time.Sleep(time.Minute)
		assert.Equal(t, delivery.PhaseExpired, r.get("order").Phase)
		assert.Zero(t, r.mine())
	})
}

func TestRun_OutlivesHarbor(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		tok := r.rented("order")
		r.srv.Fail("lockers.assigned", lockerlinetest.Status(503).Times(-1))
		r.srv.Fail("towers.lockers", lockerlinetest.Status(503).Times(-1))
		r.run()
		r.open(tok)
		time.Sleep(3 * time.Minute)
		assert.Empty(t, r.told.list())
		r.srv.ClearFaults()
		time.Sleep(2 * time.Minute)
		assert.Equal(t, []string{"order 1 stored"}, r.told.list())
	})
}

func TestRun_EndsWhenItsCredentialsAreRefused(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		creds := r.srv.Credentials()
		creds.ClientSecret = "wrong"
		c, err := harbor.NewClient(r.srv.Environment(), creds, lockerline.WithHTTPClient(r.srv.HTTPClient()))
		require.NoError(t, err)
		defer c.Close()
		m, err := delivery.New(c, r.store)
		require.NoError(t, err)
		assert.ErrorIs(t, m.Run(r.Context()), lockerline.ErrUnauthorized)
	})
}

func TestRun_TwiceIsRefused(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		stop := r.run()
		assert.ErrorIs(t, r.Manager.Run(r.Context()), delivery.ErrRunning)
		stop()
		r.run()
	})
}

func TestWithNotify_FailedNoticeComesAgainInOrder(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		failures := 3
		r.told.fail = func(n delivery.Notice) error {
			if n.Kind == delivery.NoticeStored && failures > 0 {
				if failures--; failures == 1 {
					panic("a bug in the hook")
				}
				return errors.New("not now")
			}
			return nil
		}
		r.stored("order")
		pick, err := r.PickupToken(r.Context(), "order", forFive)
		require.NoError(t, err)
		r.open(pick)
		r.run()
		time.Sleep(time.Minute)
		assert.Equal(t, []string{"order 1 stored", "order 1 stored", "order 1 stored", "order 1 stored", "order 2 collected"}, r.told.list())
		assert.GreaterOrEqual(t, r.told.at[3].Sub(r.told.at[0]), 7*time.Second) // 1 + 2 + 4
	})
}

func TestWithNotify_NextProcessNotifiesWhenOneDies(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.stored("order")
		dead, cancel := context.WithCancel(r.Context())
		r.told.fail = func(delivery.Notice) error {
			cancel() // in the middle of the hook
			return errors.New("killed")
		}
		require.NoError(t, r.Manager.Run(dead))
		assert.Equal(t, []string{"order 1 stored"}, r.told.list())
		r.told.fail = nil
		r.Manager = r.another()
		r.run()
		time.Sleep(2 * time.Minute)
		assert.Equal(t, []string{"order 1 stored", "order 1 stored"}, r.told.list())
	})
}

func TestWithNotify_TwoProcessesDoNotGiveTheSameTwice(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.run()
		first := r.Manager
		r.Manager = r.another()
		r.run()
		for _, name := range []string{"a", "b", "c"} {
			tok := r.rented(name)
			r.open(tok)
			first.Nudge(r.get(name).Locker.Ref)
			r.Nudge(r.get(name).Locker.Ref)
		}
		time.Sleep(5 * time.Minute)
		assert.ElementsMatch(t, []string{"a 1 stored", "b 1 stored", "c 1 stored"}, r.told.list())
	})
}

func TestWithNotify_NoticeLeasedByAnotherProcessIsLeftToIt(t *testing.T) {
	t.Parallel()
	inBubble(t, func(r *rig) {
		r.told.fail = func(delivery.Notice) error {
			r.told.mu.Unlock() // others may come in meanwhile
			defer r.told.mu.Lock()
			time.Sleep(20 * time.Second)
			return nil
		}
		r.run()
		r.open(r.rented("order"))
		r.Nudge(r.get("order").Locker.Ref)
		synctest.Wait() // the first is in its hook
		r.Manager = r.another()
		r.run()
		_, err := r.PickupToken(r.Context(), "order", forFive) // a change, by the second
		require.NoError(t, err)
		time.Sleep(5 * time.Minute)
		assert.Equal(t, []string{"order 1 stored"}, r.told.list())
	})
}

func TestWithObserver_PhasesAndTimes(t *testing.T) {
	t.Parallel()
	var open map[delivery.Phase]int
	moved := map[[2]delivery.Phase]time.Duration{}
	looks, unknown := 0, -1
	inBubble(t, func(r *rig) {
		r.run()
		tok := r.rented("order")
		time.Sleep(10 * time.Second)
		r.open(tok)
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		assert.Equal(t, map[delivery.Phase]int{
			delivery.PhaseSearching: 0, delivery.PhaseReserved: 0, delivery.PhaseRented: 0, delivery.PhaseStored: 1,
			delivery.PhaseReleasing: 0, delivery.PhaseInDoubt: 0,
		}, open)
		in := moved[[2]delivery.Phase{delivery.PhaseRented, delivery.PhaseStored}]
		assert.InDelta(t, 11, in.Seconds(), 2)
		assert.Positive(t, looks)
		assert.Zero(t, unknown)
	}, delivery.WithObserver(delivery.Observer{
		Open:    func(n map[delivery.Phase]int) { open = n },
		Moved:   func(from, to delivery.Phase, after time.Duration) { moved[[2]delivery.Phase{from, to}] = after },
		Looked:  func(int, time.Duration, error) { looks++ },
		Unknown: func(n int) { unknown = n },
	}))
}
