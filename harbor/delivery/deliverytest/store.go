// Package deliverytest checks stores for deliveries. It stands on the standard library.
package deliverytest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/lockerline/lockerline-go"
	"github.com/lockerline/lockerline-go/harbor"
	"github.com/lockerline/lockerline-go/harbor/delivery"
)

// RunStoreTests checks that a store keeps every promise of delivery.Store, one subtest a
// promise, all in parallel. Open must return an empty store each time and clean up with
// t.Cleanup. Run it with -race.
func RunStoreTests(t *testing.T, open func(t *testing.T) delivery.Store) {
	for _, c := range storeCases {
		t.Run(c.guarantee, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			c.check(&storeTest{T: t, ctx: ctx, store: open(t)})
		})
	}
}

var storeCases = []struct {
	guarantee string
	check     func(t *storeTest)
}{
	{"CreateKeepsEverything", createKeepsEverything},
	{"CreateStoresAReferenceOnce", createStoresAReferenceOnce},
	{"CreateHonoursClaims", createHonoursClaims},
	{"CopiesShareNothing", copiesShareNothing},
	{"GetOfNothingIsNotFound", getOfNothingIsNotFound},
	{"UpdateKeepsEverything", updateKeepsEverything},
	{"UpdateRefusesAnOldVersion", updateRefusesAnOldVersion},
	{"UpdateOfNothingIsNotFound", updateOfNothingIsNotFound},
	{"OneOfManyUpdatesWins", oneOfManyUpdatesWins},
	{"OneOfManyCreatesWins", oneOfManyCreatesWins},
	{"OneOfManyClaimsWins", oneOfManyClaimsWins},
	{"RefusedUpdateStoresNothing", refusedUpdateStoresNothing},
	{"ClaimMovesWithItsLocker", claimMovesWithItsLocker},
	{"ClaimIsFreeWhenDropped", claimIsFreeWhenDropped},
	{"ClaimsTellTowersApart", claimsTellTowersApart},
	{"AtGivesTheClaimantThenTheLatest", atGivesTheClaimantThenTheLatest},
	{"AtForgetsWhoLeft", atForgetsWhoLeft},
	{"ListPagesInByteOrder", listPagesInByteOrder},
	{"ListFilters", listFilters},
	{"DueGivesTheEarliestFirst", dueGivesTheEarliestFirst},
	{"DueForgetsWhatIsDone", dueForgetsWhatIsDone},
	{"CountLeavesOutEnds", countLeavesOutEnds},
	{"PruneKeepsWhatIsOwed", pruneKeepsWhatIsOwed},
	{"EndedContextStoresNothing", endedContextStoresNothing},
}

type storeTest struct {
	*testing.T
	ctx   context.Context
	store delivery.Store
}

var start = time.Date(2026, 3, 2, 8, 0, 0, 123456000, time.UTC)

// a returns a plain delivery that searches.
func a(reference string) *delivery.Delivery {
	return &delivery.Delivery{
		Reference: reference, Phase: delivery.PhaseSearching, Since: start, CreatedAt: start, UpdatedAt: start,
		Request: delivery.Request{Reference: reference, Location: 7, ReserveFor: time.Minute, ClientInfo: reference},
	}
}

// at gives a delivery a locker, and a claim if it is not over.
func at(d *delivery.Delivery, ref harbor.LockerRef, p delivery.Phase) *delivery.Delivery {
	d.Phase, d.Locker, d.Claims = p, &delivery.Locker{Ref: ref, Name: "3", Type: "small"}, !p.Ended()
	if p.Ended() {
		d.EndedAt = d.UpdatedAt
	}
	return d
}

func locker(n int) harbor.LockerRef {
	return harbor.LockerRef{Tower: "0100000000000175", Locker: harbor.LockerID(n)}
}

// full has something in every field.
func full(reference string) *delivery.Delivery {
	d := at(a(reference), locker(950), delivery.PhaseStored)
	token := delivery.DoorToken{AskedAt: start, ExpiresAt: start.Add(time.Hour), Payload: "aa", PayloadAuth: "bb"}
	d.Request.Types, d.Request.LowLocker = []string{"small", "é\"'%"}, true
	d.Request.Location, d.Request.Area = 0, &harbor.Area{Start: lockerline.LatLng{Lat: 34, Lng: -118}, End: lockerline.LatLng{Lat: 35.5, Lng: -119}}
	d.Why, d.HeldUntil, d.Dropoff, d.Pickup = "why; not", start.Add(1), &token, new(token)
	d.Pending = &delivery.Intent{Op: delivery.OpPickupToken, At: start, Until: start.Add(time.Minute)}
	d.QuietAt, d.Ending, d.StoredAt = start.Add(2), delivery.PhaseExpired, start.Add(3)
	d.Notices, d.DueAt, d.RestUntil = 2, start.Add(4*time.Microsecond), start.Add(5)
	d.Outbox = []delivery.Notice{{
		Reference: reference, Seq: 2, Kind: delivery.NoticeStored, At: start, Locker: new(*d.Locker), Why: "x",
		Attempt: 3, NotBefore: start, HeldBy: "me",
	}}
	d.History = []delivery.Entry{{
		At: start, Event: delivery.EventStored, From: delivery.PhaseRented, To: delivery.PhaseStored, Locker: new(locker(950)), Why: "y",
	}}
	return d
}

func (t *storeTest) create(ds ...*delivery.Delivery) {
	t.Helper()
	for _, d := range ds {
		if err := t.store.Create(t.ctx, d); err != nil {
			t.Fatalf("create %s: %v", d.Reference, err)
		}
	}
}

func (t *storeTest) update(d *delivery.Delivery) {
	t.Helper()
	if err := t.store.Update(t.ctx, d); err != nil {
		t.Fatalf("update %s: %v", d.Reference, err)
	}
}

func (t *storeTest) get(reference string) *delivery.Delivery {
	t.Helper()
	d, err := t.store.Get(t.ctx, reference)
	if err != nil {
		t.Fatalf("get %s: %v", reference, err)
	}
	return d
}

func (t *storeTest) is(err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("the error is %v, not %v", err, want)
	}
}

func (t *storeTest) same(got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Fatalf("got  %s\nwant %s", shown(got), shown(want))
	}
}

func shown(v any) string { return fmt.Sprintf("%+v", v) }

// names returns the references of deliveries.
func (t *storeTest) names(ds []*delivery.Delivery, err error) []string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, d := range ds {
		out = append(out, d.Reference)
	}
	return out
}
