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
	t.create(full("full"))
	t.same(t.get("full"), full("full"))
}

func createStoresAReferenceOnce(t *storeTest) {
	t.create(a("one"))
	again := a("one")
	again.Data = []byte(`"another"`)
	t.is(t.store.Create(t.ctx, again), delivery.ErrReferenceTaken)
	t.same(t.get("one"), a("one"))
	t.create(a("ONE"), a("one "))
}

func createHonoursClaims(t *storeTest) {
	t.create(at(a("one"), locker(1), delivery.PhaseReleasing))
	t.is(t.store.Create(t.ctx, at(a("two"), locker(1), delivery.PhaseReleasing)), delivery.ErrLockerClaimed)
	_, err := t.store.Get(t.ctx, "two")
	t.is(err, delivery.ErrNotFound)
}

func copiesShareNothing(t *storeTest) {
	given := full("full")
	t.create(given)
	for _, r := range []delivery.Row{given, t.get("full")} {
		for i := range r.Data {
			r.Data[i] = 'x'
		}
	}
	t.same(t.get("full"), full("full"))
}

func getOfNothingIsNotFound(t *storeTest) {
	_, err := t.store.Get(t.ctx, "nothing")
	t.is(err, delivery.ErrNotFound)
}

func updateKeepsEverything(t *storeTest) {
	t.create(a("full"))
	t.update(full("full"))
	want := full("full")
	want.Version = 2
	t.same(t.get("full"), want)
}

func updateRefusesAnOldVersion(t *storeTest) {
	t.create(a("one"))
	first, second := next(a("one"), "first"), next(a("one"), "second")
	t.is(t.store.Update(t.ctx, first), nil)
	t.is(t.store.Update(t.ctx, second), delivery.ErrStale)
	t.same(t.get("one"), first)
	skipped := next(next(first, "skipped"), "skipped")
	t.is(t.store.Update(t.ctx, skipped), delivery.ErrStale)
	t.same(t.get("one"), first)
}

func updateOfNothingIsNotFound(t *storeTest) {
	t.is(t.store.Update(t.ctx, next(a("nothing"), "x")), delivery.ErrNotFound)
}

const many = 8

func oneOfManyUpdatesWins(t *storeTest) {
	t.create(a("one"))
	won := race(t, func(i int) error { return t.store.Update(t.ctx, next(a("one"), fmt.Sprint(i))) }, delivery.ErrStale)
	t.same(t.get("one"), next(a("one"), fmt.Sprint(won)))
}

func oneOfManyCreatesWins(t *storeTest) {
	numbered := func(i int) delivery.Row {
		r := a("one")
		r.Data = []byte(fmt.Sprint(i))
		return r
	}
	won := race(t, func(i int) error { return t.store.Create(t.ctx, numbered(i)) }, delivery.ErrReferenceTaken)
	t.same(t.get("one"), numbered(won))
}

func oneOfManyClaimsWins(t *storeTest) {
	for i := range many {
		t.create(a(fmt.Sprint(i)))
	}
	won := race(t, func(i int) error {
		return t.store.Update(t.ctx, next(at(a(fmt.Sprint(i)), locker(1), delivery.PhaseSearching), "x"))
	}, delivery.ErrLockerClaimed)
	for i := range many {
		t.same(t.get(fmt.Sprint(i)).Claim, i == won)
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
	r := next(at(t.get("two"), locker(1), delivery.PhaseSearching), "x")
	t.is(t.store.Update(t.ctx, r), delivery.ErrLockerClaimed)
	t.same(t.get("two"), a("two"))
	r = at(r, locker(2), delivery.PhaseSearching) // the same version may be tried with another
	t.is(t.store.Update(t.ctx, r), nil)
	t.same(t.get("two"), r)
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
	t.create(at(a("one"), locker(1), delivery.PhaseStored), at(a("two"), "0100000000000176:1", delivery.PhaseStored))
}

func endedContextStoresNothing(t *storeTest) {
	t.create(a("one"))
	ctx, cancel := context.WithCancel(t.ctx)
	cancel()
	for name, err := range map[string]error{
		"create": t.store.Create(ctx, a("two")), "update": t.store.Update(ctx, next(a("one"), "x")),
	} {
		if err == nil {
			t.Fatalf("%s succeeded after its context ended", name)
		}
	}
	_, err := t.store.Get(t.ctx, "two")
	t.is(err, delivery.ErrNotFound)
	t.same(t.get("one"), a("one"))
}
