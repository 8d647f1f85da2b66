package deliverytest

import (
	"fmt"
	"time"

	"github.com/lockerline/lockerline-go/harbor/delivery"
)

func atGivesTheClaimantThenTheLatest(t *storeTest) {
	for i := range 6 {
		d := a(fmt.Sprint(i))
		d.UpdatedAt = start.Add(time.Duration(i) * time.Second)
		t.create(at(d, locker(1), delivery.PhaseCollected))
	}
	t.same(t.names(t.store.At(t.ctx, locker(1))), []string{"5", "4", "3"})
	t.create(at(a("claimant"), locker(1), delivery.PhaseReserved)) // changed before the others
	t.same(t.names(t.store.At(t.ctx, locker(1))), []string{"claimant", "5", "4", "3"})
	ds, _ := t.store.At(t.ctx, locker(1))
	t.same(ds[0], t.get("claimant"))
	t.same(t.names(t.store.At(t.ctx, locker(2))), []string{})
}

func atForgetsWhoLeft(t *storeTest) {
	t.create(at(a("one"), locker(1), delivery.PhaseSearching))
	d := t.get("one")
	d.Locker, d.Claim = "", false
	t.update(d)
	t.same(t.names(t.store.At(t.ctx, locker(1))), []string{})
	t.update(at(t.get("one"), locker(2), delivery.PhaseSearching))
	t.same(t.names(t.store.At(t.ctx, locker(1))), []string{})
	t.same(t.names(t.store.At(t.ctx, locker(2))), []string{"one"})
}

func listPagesInByteOrder(t *storeTest) {
	t.create(a("b"), a("B"), a("a"), a("é"), a("10"), a("9"))
	t.same(t.names(t.store.List(t.ctx, delivery.Filter{})), []string{"10", "9", "B", "a", "b", "é"})
	t.same(t.names(t.store.List(t.ctx, delivery.Filter{Limit: 2})), []string{"10", "9"})
	t.same(t.names(t.store.List(t.ctx, delivery.Filter{Limit: 2, After: "9"})), []string{"B", "a"})
	t.same(t.names(t.store.List(t.ctx, delivery.Filter{After: "é"})), []string{})
	for i := range 110 {
		t.create(a(fmt.Sprintf("more-%03d", i)))
	}
	t.same(len(t.names(t.store.List(t.ctx, delivery.Filter{}))), 100)
}

func listFilters(t *storeTest) {
	for i, p := range delivery.Phases() {
		t.create(at(a(string(p)), locker(i+1), p))
	}
	t.same(t.names(t.store.List(t.ctx, delivery.Filter{Open: true})),
		[]string{"in_doubt", "releasing", "rented", "reserved", "searching", "stored"})
	some := delivery.Filter{Phases: []delivery.Phase{delivery.PhaseStored, delivery.PhaseExpired}}
	t.same(t.names(t.store.List(t.ctx, some)), []string{"expired", "stored"})
	some.Open = true
	t.same(t.names(t.store.List(t.ctx, some)), []string{"stored"})
}

func dueGivesTheEarliestFirst(t *storeTest) {
	for i, after := range []time.Duration{3, 1, 2} {
		d := a(fmt.Sprint(i))
		d.DueAt = start.Add(after * time.Millisecond)
		t.create(d)
	}
	t.create(a("never"))
	t.same(t.names(t.store.Due(t.ctx, start, 10)), []string{})
	t.same(t.names(t.store.Due(t.ctx, start.Add(2*time.Millisecond), 10)), []string{"1", "2"})
	t.same(t.names(t.store.Due(t.ctx, start.Add(time.Hour), 2)), []string{"1", "2"})
	t.same(t.names(t.store.Due(t.ctx, start.Add(time.Hour), 0)), []string{})
}

func dueForgetsWhatIsDone(t *storeTest) {
	d := a("one")
	d.DueAt = start
	t.create(d)
	d.DueAt = time.Time{}
	t.update(d)
	d.Version++
	t.same(t.names(t.store.Due(t.ctx, start.Add(time.Hour), 10)), []string{})
	d.DueAt = start.Add(time.Second)
	t.update(d)
	t.same(t.names(t.store.Due(t.ctx, start.Add(time.Hour), 10)), []string{"one"})
}

func countLeavesOutEnds(t *storeTest) {
	t.create(a("1"), a("2"), at(a("3"), locker(1), delivery.PhaseStored), at(a("4"), locker(2), delivery.PhaseCollected))
	n, err := t.store.Count(t.ctx)
	t.is(err, nil)
	t.same(n, map[delivery.Phase]int{delivery.PhaseSearching: 2, delivery.PhaseStored: 1})
}

func pruneKeepsWhatIsOwed(t *storeTest) {
	open := at(a("open"), locker(1), delivery.PhaseStored)
	young := at(a("young"), locker(2), delivery.PhaseCollected)
	young.EndedAt = start.Add(time.Hour)
	claims := at(a("claims"), locker(3), delivery.PhaseCollected)
	claims.Claim = true
	owes := at(a("owes"), locker(4), delivery.PhaseCollected)
	owes.Owes = true
	old := at(a("old"), locker(5), delivery.PhaseExpired)
	t.create(open, young, claims, owes, old)
	n, err := t.store.Prune(t.ctx, start.Add(time.Minute))
	t.is(err, nil)
	t.same(n, 1)
	t.same(t.names(t.store.List(t.ctx, delivery.Filter{})), []string{"claims", "open", "owes", "young"})
	t.same(t.names(t.store.At(t.ctx, locker(5))), []string{})
	t.create(a("old"))
}
