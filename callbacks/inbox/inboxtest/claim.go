package inboxtest

import (
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/inbox"
)

func claimGivesTheHeadOfEachGroup(t storeTest, s inbox.Store) {
	t.mustPut(s, change("a", 2), change("a", 1), change("b", 3), change("b", 4))
	items := t.claim(s, 10)
	if len(items) != 2 {
		t.Fatalf("claimed %d heads of 2 groups", len(items))
	}
	for _, item := range items {
		head := map[string]int{"a": 1, "b": 3}[item.Group]
		if !item.Time.Equal(change("", head).Time) || item.Attempt != 1 || item.Late {
			t.Fatalf("head of %s: %v, attempt %d, late %t", item.Group, item.Time, item.Attempt, item.Late)
		}
	}
	t.mustPut(s, change("a", 0))
	t.claimNone(s, "its group is leased")
	t.done(s, items...)
	if n := len(t.claim(s, 10)); n != 2 {
		t.Fatalf("claimed %d after the heads were done, want 2", n)
	}
}

func claimGivesAtMostAsAsked(t storeTest, s inbox.Store) {
	for _, g := range []string{"a", "b", "c", "d", "e"} {
		t.mustPut(s, change(g, 1))
	}
	for _, want := range []int{2, 2, 1, 0} {
		if got := len(t.claim(s, 2)); got != want {
			t.Fatalf("claimed %d, want %d", got, want)
		}
	}
}

func claimKeepsFeedsApart(t storeTest, s inbox.Store) {
	other := change("a", 1)
	other.Feed = "other"
	t.mustPut(s, other)
	t.claimNone(s, "it belongs to another feed")
	t.mustPut(s, change("a", 2))
	if item := t.claimOne(s); item.Feed != storeFeed {
		t.Fatalf("claimed from feed %s", item.Feed)
	}
}

func claimOrdersByChangeThenArrival(t storeTest, s inbox.Store) {
	close1, close2 := change("a", 7), change("a", 7, "later by the smallest step of a .NET clock")
	close2.Time = close1.Time.Add(100 * time.Nanosecond)
	t.mustPut(s, change("a", 5, "first"), close2, change("a", 9))
	t.mustPut(s, close1, change("a", 5, "second"), change("a", -5), change("a", 5, "third"))
	var got []callbacks.Key
	for range 7 {
		got = append(got, t.handle(s).Key)
	}
	want := []callbacks.Key{
		change("a", -5).Key, change("a", 5, "first").Key, change("a", 5, "second").Key,
		change("a", 5, "third").Key, close1.Key, close2.Key, change("a", 9).Key,
	}
	if !slices.Equal(got, want) {
		t.Fatalf("not in the order of change, then arrival")
	}
}

func claimFlagsLateChanges(t storeTest, s inbox.Store) {
	for i, step := range []struct {
		minute int
		late   bool
	}{{5, false}, {3, true}, {4, true}, {5, false}, {6, false}} {
		t.mustPut(s, change("a", step.minute, "step", strconv.Itoa(i)))
		if item := t.handle(s); item.Late != step.late {
			t.Fatalf("minute %d has late %t", step.minute, item.Late)
		}
	}
	t.mustPut(s, change("b", 1))
	if t.handle(s).Late {
		t.Fatalf("a change of another group is late")
	}
	if late := t.list(s)[1].Late; !late {
		t.Fatalf("a late change is listed without its flag")
	}
}

func claimIsExclusive(t storeTest, s inbox.Store) {
	const groups, workers = 30, 8
	for g := range groups {
		t.mustPut(s, change(string(rune('A'+g)), 1), change(string(rune('A'+g)), 2))
	}
	var mu sync.Mutex
	seen := make(map[string]int)
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for {
				items, err := s.Claim(t.ctx, storeFeed, 3, longLease)
				if err != nil {
					t.Errorf("Claim: %v", err)
					return
				}
				if len(items) == 0 {
					return
				}
				mu.Lock()
				for _, item := range items {
					seen[item.Group]++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for g, n := range seen {
		if n != 1 {
			t.Fatalf("group %s was leased %d times at once", g, n)
		}
	}
	// A store may skip what another call looks at; nothing may be left over after.
	if n := len(seen) + len(t.claim(s, groups)); n != groups {
		t.Fatalf("%d of %d groups were claimed", n, groups)
	}
}

func leaseRunsOutAndIsFenced(t storeTest, s inbox.Store) {
	t.mustPut(s, change("a", 1), change("a", 2))
	items, err := s.Claim(t.ctx, storeFeed, 1, 30*time.Millisecond)
	t.ok("Claim", err)
	if len(items) != 1 {
		t.Fatalf("claimed %d", len(items))
	}
	old, again := items[0], t.claimSoon(s)
	if again.Key != old.Key || again.Attempt != 2 {
		t.Fatalf("after the lease: %s, attempt %d", again.Raw, again.Attempt)
	}
	if lost, err := s.Done(t.ctx, old.Lease); err != nil || len(lost) != 1 {
		t.Fatalf("Done under a lost lease: lost %v, error %v", lost, err)
	}
	if lost, err := s.Renew(t.ctx, longLease, old.Lease, again.Lease); err != nil || len(lost) != 1 || lost[0] != old.Lease {
		t.Fatalf("Renew of a lost and a held lease: lost %v, error %v", lost, err)
	}
	t.refused(s, old.Lease)
	if n := t.stats(s).Depth; n != 2 {
		t.Fatalf("depth %d after a lost lease was used, want 2", n)
	}
	t.done(s, again)
}

func renewKeepsALease(t storeTest, s inbox.Store) {
	t.mustPut(s, change("a", 1), change("b", 1))
	items := t.claim(s, 2)
	if len(items) != 2 {
		t.Fatalf("claimed %d of 2", len(items))
	}
	// A renewal starts anew: it can shorten a lease as well as prolong it.
	for _, r := range []struct {
		item  inbox.Item
		lease time.Duration
	}{{items[0], time.Millisecond}, {items[0], longLease}, {items[1], 20 * time.Millisecond}} {
		lost, err := s.Renew(t.ctx, r.lease, r.item.Lease)
		t.ok("Renew", err)
		if len(lost) != 0 {
			t.Fatalf("a lease that is still held was lost")
		}
	}
	if again := t.claimSoon(s); again.Group != items[1].Group {
		t.Fatalf("the lease that ran out is the renewed one")
	}
	t.done(s, items[0])
}
