package deliverytest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/lockerline/lockerline-go/harbor/delivery"
)

func createKeepsEverything(t *storeTest) {
	d := full("full")
	t.create(d)
	t.same(d.Version, int64(1))
	t.same(t.get("full"), d)
}

func createStoresAReferenceOnce(t *storeTest) {
	t.create(a("one"))
	again := a("one")
	again.Why = "another"
	t.is(t.store.Create(t.ctx, again), delivery.ErrReferenceTaken)
	t.same(t.get("one"), version(a("one"), 1))
	t.create(a("ONE"), a("one "))
}

func version(d *delivery.Delivery, v int64) *delivery.Delivery {
	d.Version = v
	return d
}

func createHonoursClaims(t *storeTest) {
	t.create(at(a("one"), locker(1), delivery.PhaseReleasing))
	t.is(t.store.Create(t.ctx, at(a("two"), locker(1), delivery.PhaseReleasing)), delivery.ErrLockerClaimed)
	_, err := t.store.Get(t.ctx, "two")
	t.is(err, delivery.ErrNotFound)
}

func copiesShareNothing(t *storeTest) {
	d := full("full")
	t.create(d)
	want := version(full("full"), 1) // not made by a copy
	for _, c := range []*delivery.Delivery{d, t.get("full")} {
		c.Request.Types[0], c.Request.Area.Start.Lat, c.Locker.Name = "x", 1, "x"
		c.Dropoff.Payload, c.Pickup.Payload, c.Pending.Op, c.Outbox[0].Why, c.History[0].Why = "x", "x", "x", "x", "x"
	}
	t.same(t.get("full"), want)
}

func getOfNothingIsNotFound(t *storeTest) {
	_, err := t.store.Get(t.ctx, "nothing")
	t.is(err, delivery.ErrNotFound)
}

func updateKeepsEverything(t *storeTest) {
	t.create(a("full"))
	d := version(full("full"), 1)
	t.update(d)
	t.same(d.Version, int64(2))
	t.same(t.get("full"), d)
}

func updateRefusesAnOldVersion(t *storeTest) {
	t.create(a("one"))
	first, second := t.get("one"), t.get("one")
	first.Why = "first"
	t.update(first)
	second.Why = "second"
	t.is(t.store.Update(t.ctx, second), delivery.ErrStale)
	t.same(second.Version, int64(1))
	t.same(t.get("one"), first)
}

func updateOfNothingIsNotFound(t *storeTest) {
	t.is(t.store.Update(t.ctx, version(a("nothing"), 1)), delivery.ErrNotFound)
}

const many = 8

func oneOfManyUpdatesWins(t *storeTest) {
	t.create(a("one"))
	won := race(t, func(i int) error {
		d := version(a("one"), 1)
		d.Why = fmt.Sprint(i)
		return t.store.Update(t.ctx, d)
	}, delivery.ErrStale)
	t.same(t.get("one").Why, fmt.Sprint(won))
	t.same(t.get("one").Version, int64(2))
}

func oneOfManyCreatesWins(t *storeTest) {
	won := race(t, func(i int) error {
		d := a("one")
		d.Why = fmt.Sprint(i)
		return t.store.Create(t.ctx, d)
	}, delivery.ErrReferenceTaken)
	t.same(t.get("one").Why, fmt.Sprint(won))
}

func oneOfManyClaimsWins(t *storeTest) {
	for i := range many {
		t.create(a(fmt.Sprint(i)))
	}
	won := race(t, func(i int) error {
		return t.store.Update(t.ctx, version(at(a(fmt.Sprint(i)), locker(1), delivery.PhaseSearching), 1))
	}, delivery.ErrLockerClaimed)
	for i := range many {
		t.same(t.get(fmt.Sprint(i)).Claims, i == won)
	}
}

// race lets many try at once: one must win and the others be told why not.
func race(t *storeTest, try func(i int) error, lost error) int {
	t.Helper()
	var wg sync.WaitGroup
	var wins, won atomic.Int64
	for i := range many {
		wg.Go(func() {
			switch err := try(i); {
			case err == nil:
				wins.Add(1)
				won.Store(int64(i))
			case !errors.Is(err, lost):
				t.Errorf("the error is %v, not %v", err, lost)
			}
		})
	}
	wg.Wait()
	t.same(wins.Load(), int64(1))
	return int(won.Load())
}

func refusedUpdateStoresNothing(t *storeTest) {
	t.create(at(a("one"), locker(1), delivery.PhaseReserved), a("two"))
	d := at(t.get("two"), locker(1), delivery.PhaseSearching)
	t.is(t.store.Update(t.ctx, d), delivery.ErrLockerClaimed)
	t.same(d.Version, int64(1))
	t.same(t.get("two"), version(a("two"), 1))
	d = at(d, locker(2), delivery.PhaseSearching) // the same value may be tried with another
	t.update(d)
	t.same(t.get("two"), d)
}

func claimMovesWithItsLocker(t *storeTest) {
	t.create(at(a("one"), locker(1), delivery.PhaseSearching), a("two"))
	t.update(at(t.get("one"), locker(2), delivery.PhaseSearching))
	t.update(at(t.get("two"), locker(1), delivery.PhaseSearching))
	t.update(at(t.get("one"), locker(2), delivery.PhaseReserved)) // its own is not in the way
}

func claimIsFreeWhenDropped(t *storeTest) {
	t.create(at(a("one"), locker(1), delivery.PhaseStored), a("two"))
	t.update(at(t.get("one"), locker(1), delivery.PhaseCollected))
	t.update(at(t.get("two"), locker(1), delivery.PhaseReserved))
}

func claimsTellTowersApart(t *storeTest) {
	other := locker(1)
	other.Tower = "0100000000000176"
	t.create(at(a("one"), locker(1), delivery.PhaseStored), at(a("two"), other, delivery.PhaseStored))
}

func endedContextStoresNothing(t *storeTest) {
	t.create(a("one"))
	ctx, cancel := context.WithCancel(t.ctx)
	cancel()
	d := t.get("one")
	d.Why = "x"
	for name, err := range map[string]error{
		"create": t.store.Create(ctx, a("two")), "update": t.store.Update(ctx, d),
	} {
		if err == nil {
			t.Fatalf("%s succeeded after its context ended", name)
		}
	}
	_, err := t.store.Get(t.ctx, "two")
	t.is(err, delivery.ErrNotFound)
	t.same(t.get("one").Why, "")
}
