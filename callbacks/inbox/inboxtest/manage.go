package inboxtest

import (
	"errors"
	"slices"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/inbox"
)

func listFiltersAndPages(t storeTest, s inbox.Store) {
	other := change("a", 9)
	other.Feed = "other"
	t.mustPut(s, change("a", 1), change("b", 2), other, change("a", 3), unreadable("?"))
	count := func(f inbox.Filter) int {
		t.Helper()
		entries, err := s.List(t.ctx, f)
		t.ok("List", err)
		return len(entries)
	}
	for _, c := range []struct {
		filter inbox.Filter
		want   int
	}{
		{inbox.Filter{}, 5},
		{inbox.Filter{Feed: storeFeed}, 4},
		{inbox.Filter{Feed: storeFeed, Group: "a"}, 2},
		{inbox.Filter{States: []inbox.State{inbox.StateQuarantined}}, 1},
		{inbox.Filter{States: []inbox.State{inbox.StateQuarantined, inbox.StateWaiting}, Limit: 3}, 3},
		{inbox.Filter{Feed: "none"}, 0},
	} {
		if got := count(c.filter); got != c.want {
			t.Fatalf("filter %+v lists %d, want %d", c.filter, got, c.want)
		}
	}
	var pages int
	for after := int64(0); ; pages++ {
		page, err := s.List(t.ctx, inbox.Filter{After: after, Limit: 2})
		t.ok("List", err)
		if len(page) == 0 {
			break
		}
		after = page[len(page)-1].ID
	}
	if pages != 3 {
		t.Fatalf("5 entries came in %d pages of 2", pages)
	}
}

func requeueHandsOverAgain(t storeTest, s inbox.Store) {
	if _, err := s.Requeue(t.ctx, 1<<40, nil); !errors.Is(err, inbox.ErrNotFound) {
		t.Fatalf("Requeue of nothing: %v", err)
	}
	t.mustPut(s, change("a", 1), change("a", 2))
	item := t.claimOne(s)
	t.ok("Retry", s.Retry(t.ctx, item.Lease, 0, "no luck"))
	t.ok("Dead", s.Dead(t.ctx, t.claimOne(s).Lease, "never", false))
	t.handle(s)
	for i, e := range t.list(s) {
		for range 2 { // a waiting one is left alone
			if out, err := s.Requeue(t.ctx, e.ID, nil); err != nil || out != callbacks.OutcomeStored {
				t.Fatalf("Requeue: %v, %v", out, err)
			}
		}
		again := t.handle(s)
		if again.Key != e.Key || again.Attempt != 1 || again.Late != (i == 0) {
			t.Fatalf("requeued %s: attempt %d, late %t", again.Raw, again.Attempt, again.Late)
		}
	}
}

func requeueReadsTheQuarantined(t storeTest, s inbox.Store) {
	known := change("a", 1)
	t.mustPut(s, known, unreadable("one"), unreadable("two"), unreadable("three"))
	t.handle(s)
	entries := t.list(s, inbox.StateQuarantined)
	if len(entries) != 3 {
		t.Fatalf("%d in quarantine, want 3", len(entries))
	}
	fresh, amending := change("b", 2), change("a", 1, "amended")
	for i, c := range []struct {
		decoded callbacks.Record
		want    callbacks.Outcome
	}{{fresh, callbacks.OutcomeStored}, {known, callbacks.OutcomeDuplicate}, {amending, callbacks.OutcomeAmended}} {
		if out, err := s.Requeue(t.ctx, entries[i].ID, nil); err != nil || out != callbacks.OutcomeQuarantined {
			t.Fatalf("Requeue of what still cannot be read: %v, %v", out, err)
		}
		c.decoded.Raw = entries[i].Raw
		if out, err := s.Requeue(t.ctx, entries[i].ID, &c.decoded); err != nil || out != c.want {
			t.Fatalf("Requeue of what can be read now: %v, %v; want %v", out, err, c.want)
		}
	}
	var keys []callbacks.Key
	for _, item := range t.claim(s, 10) {
		if item.Quarantined() || (string(item.Raw) != "one" && string(item.Raw) != "three") {
			t.Fatalf("claimed %q, problem %q", item.Raw, item.Problem)
		}
		keys = append(keys, item.Key)
		t.done(s, item)
	}
	if len(keys) != 2 || !slices.Contains(keys, fresh.Key) || !slices.Contains(keys, amending.Key) {
		t.Fatalf("%d of 2 were handed over", len(keys))
	}
	if got := t.put(s, fresh)[0]; got != callbacks.OutcomeDuplicate {
		t.Fatalf("a repeat of what was read at last is %v", got)
	}
	if out, err := s.Requeue(t.ctx, entries[1].ID, nil); err != nil || out != callbacks.OutcomeDuplicate {
		t.Fatalf("Requeue of a known duplicate: %v, %v", out, err)
	}
}

func pruneDeletesByAgeOnly(t storeTest, s inbox.Store) {
	fresh := change("a", 1)
	old := change("b", 1)
	old.ReceivedAt = old.ReceivedAt.Add(-48 * time.Hour)
	waiting := change("c", 1)
	waiting.ReceivedAt = old.ReceivedAt
	broken := unreadable("?")
	broken.ReceivedAt = old.ReceivedAt
	t.mustPut(s, fresh, old, broken)
	t.done(s, t.claim(s, 10)...)
	t.mustPut(s, waiting)
	// All were settled just now, so that none is old enough by both clocks.
	t.pruned(s, 0, time.Hour, inbox.StateHandled, inbox.StateDead, inbox.StateQuarantined, inbox.StateWaiting)
	t.pruned(s, 0, 0)
	t.pruned(s, 0, 0, inbox.StateWaiting, inbox.StateDead)
	t.pruned(s, 1, 0, inbox.StateQuarantined)
	if n, err := s.Prune(t.ctx, 0, 1, inbox.StateHandled); err != nil || n != 1 {
		t.Fatalf("Prune with a limit of 1: %d, %v", n, err)
	}
	t.pruned(s, 1, 0, inbox.StateHandled, inbox.StateWaiting)
	if entries := t.list(s); len(entries) != 1 || entries[0].Key != waiting.Key {
		t.Fatalf("%d entries left, want the waiting one", len(entries))
	}
	if got := t.put(s, fresh)[0]; got != callbacks.OutcomeStored {
		t.Fatalf("a repeat of what was pruned is %v", got)
	}
	if n := len(t.claim(s, 10)); n != 2 {
		t.Fatalf("claimed %d after pruning, want 2", n)
	}
}

// pruned prunes until the clock has moved past what was settled last.
func (t storeTest) pruned(s inbox.Store, want int, age time.Duration, states ...inbox.State) {
	t.Helper()
	deadline := time.Now().Add(time.Second)
	for n := 0; ; {
		got, err := s.Prune(t.ctx, age, 100, states...)
		t.ok("Prune", err)
		n += got
		if n == want && want > 0 || want == 0 && n == 0 {
			return
		}
		if n > want || time.Now().After(deadline) {
			t.Fatalf("pruned %d of %v, want %d", n, states, want)
		}
	}
}

func statsCount(t storeTest, s inbox.Store) {
	if st := t.stats(s); st != (inbox.Stats{}) {
		t.Fatalf("stats of an empty store: %+v", st)
	}
	old := change("a", 1)
	old.ReceivedAt = old.ReceivedAt.Add(-time.Hour)
	other := change("z", 1)
	other.Feed = "other"
	t.mustPut(s, old, change("a", 2), change("b", 1), change("c", 1), unreadable("?"), other)
	for _, item := range t.claim(s, 10) {
		switch item.Group {
		case "b":
			t.ok("Dead", s.Dead(t.ctx, item.Lease, "never", true))
		case "c":
			t.done(s, item)
		}
	}
	st := t.stats(s)
	if st.OldestAge < time.Hour || st.OldestAge > 2*time.Hour {
		t.Fatalf("oldest age %v, want about an hour", st.OldestAge)
	}
	st.OldestAge = 0
	if want := (inbox.Stats{Depth: 2, Dead: 1, Quarantined: 1, Held: 1}); st != want {
		t.Fatalf("stats %+v, want %+v", st, want)
	}
	all, err := s.Stats(t.ctx, "")
	t.ok("Stats", err)
	if all.Depth != 3 {
		t.Fatalf("depth of all feeds %d, want 3", all.Depth)
	}
}
