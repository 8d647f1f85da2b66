// Package deliverytest checks stores for deliveries. It stands on the standard library.
package deliverytest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

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

// a returns a plain row that searches.
func a(reference string) delivery.Row {
	return delivery.Row{Reference: reference, Version: 1, Phase: delivery.PhaseSearching, UpdatedAt: start, Data: []byte(`{}`)}
}

// at gives a row a locker, and a claim if it is not over.
func at(r delivery.Row, locker string, p delivery.Phase) delivery.Row {
	r.Phase, r.Locker, r.Claim, r.EndedAt = p, locker, !p.Ended(), time.Time{}
	if p.Ended() {
		r.EndedAt = r.UpdatedAt
	}
	return r
}

func locker(n int) string { return fmt.Sprintf("0100000000000175:%d", n) }

// full has something in every column.
func full(reference string) delivery.Row {
	r := at(a(reference), locker(950), delivery.PhaseStored)
	r.DueAt, r.Owes = start.Add(4*time.Microsecond), true
	r.Data = []byte(`{"text":"é\"'%\u0000","number":12345678901234567890,"list":[null,{}]}`)
	return r
}

// next is a row as the change after it stores it, with other data.
func next(r delivery.Row, data string) delivery.Row {
	r.Version++
	r.Data = []byte(`"` + data + `"`)
	return r
}

func (t *storeTest) create(rows ...delivery.Row) {
	t.Helper()
	for _, r := range rows {
		if err := t.store.Create(t.ctx, r); err != nil {
			t.Fatalf("create %s: %v", r.Reference, err)
		}
	}
}

// update stores a row as the next version.
func (t *storeTest) update(r delivery.Row) {
	t.Helper()
	r.Version++
	if err := t.store.Update(t.ctx, r); err != nil {
		t.Fatalf("update %s: %v", r.Reference, err)
	}
}

func (t *storeTest) get(reference string) delivery.Row {
	t.Helper()
	r, err := t.store.Get(t.ctx, reference)
	if err != nil {
		t.Fatalf("get %s: %v", reference, err)
	}
	return r
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

// names returns the references of rows.
func (t *storeTest) names(rows []delivery.Row, err error) []string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	out := []string{}
	for _, r := range rows {
		out = append(out, r.Reference)
	}
	return out
}
