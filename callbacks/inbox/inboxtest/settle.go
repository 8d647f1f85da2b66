package inboxtest

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"time"

	"github.com/lockerline/lockerline-go/callbacks/inbox"
)

func retryPausesItsGroupOnly(t storeTest, s inbox.Store) {
	t.mustPut(s, change("a", 1), change("a", 2), change("b", 1))
	for _, item := range t.claim(s, 2) {
		if item.Group == "a" {
			t.ok("Retry", s.Retry(t.ctx, item.Lease, time.Hour, "no luck"))
		} else {
			t.done(s, item)
		}
	}
	t.mustPut(s, change("b", 2), change("a", 3))
	if item := t.handle(s); item.Group != "b" {
		t.Fatalf("group %s was claimed during its pause", item.Group)
	}
	t.claimNone(s, "its group pauses")
	if e := t.list(s)[0]; e.LastError != "no luck" || e.Attempts != 1 || e.State != inbox.StateWaiting {
		t.Fatalf("listed after a failed try: %+v", e)
	}
	t.mustPut(s, change("c", 1))
	first := t.claimOne(s)
	t.ok("Retry", s.Retry(t.ctx, first.Lease, 10*time.Millisecond, "no luck"))
	if again := t.claimSoon(s); again.Key != first.Key || again.Attempt != 2 {
		t.Fatalf("after the pause: %s, attempt %d", again.Raw, again.Attempt)
	}
}

func retryWithoutReasonCountsNoTry(t storeTest, s inbox.Store) {
	t.mustPut(s, change("a", 1))
	for range 3 {
		item := t.claimOne(s)
		if item.Attempt != 1 {
			t.Fatalf("attempt %d after the callback was given back", item.Attempt)
		}
		t.ok("Retry", s.Retry(t.ctx, item.Lease, 0, ""))
	}
}

func retryLetsAnOlderChangeGoFirst(t storeTest, s inbox.Store) {
	t.mustPut(s, change("a", 5))
	failing := t.claimOne(s)
	t.mustPut(s, change("a", 3))
	t.ok("Retry", s.Retry(t.ctx, failing.Lease, 0, "no luck"))
	first, second := t.handle(s), t.handle(s)
	if !first.Time.Before(second.Time) || first.Late || second.Late {
		t.Fatalf("handed over %v (late %t), then %v (late %t)", first.Time, first.Late, second.Time, second.Late)
	}
}

func deadLetterLetsTheGroupGoOn(t storeTest, s inbox.Store) {
	t.mustPut(s, change("a", 1), change("a", 2))
	dead := t.claimOne(s)
	t.ok("Dead", s.Dead(t.ctx, dead.Lease, "never", false))
	if next := t.claimOne(s); next.Key == dead.Key || next.Late {
		t.Fatalf("after a dead letter: %s, late %t", next.Raw, next.Late)
	}
	entries := t.list(s, inbox.StateDead)
	if len(entries) != 1 || entries[0].LastError != "never" || entries[0].SettledAt.IsZero() {
		t.Fatalf("dead letters: %+v", entries)
	}
}

func deadLetterHoldsTheGroup(t storeTest, s inbox.Store) {
	t.mustPut(s, change("a", 1), change("a", 2), change("b", 1))
	for _, item := range t.claim(s, 2) {
		if item.Group == "a" {
			t.ok("Dead", s.Dead(t.ctx, item.Lease, "never", true))
		}
	}
	t.mustPut(s, change("a", 3))
	t.claimNone(s, "its group is held")
	if n := t.stats(s).Held; n != 1 {
		t.Fatalf("%d groups held, want 1", n)
	}
	_, err := s.Requeue(t.ctx, t.list(s, inbox.StateDead)[0].ID, nil)
	t.ok("Requeue", err)
	for minute := range 3 {
		if item := t.handle(s); !item.Time.Equal(change("a", minute+1).Time) || item.Late {
			t.Fatalf("after the requeue: %v, late %t", item.Time, item.Late)
		}
	}
}

func resumeGoesOnWithoutTheDeadLetter(t storeTest, s inbox.Store) {
	t.mustPut(s, change("a", 1), change("a", 2))
	t.ok("Dead", s.Dead(t.ctx, t.claimOne(s).Lease, "never", true))
	for range 2 { // safe to repeat
		t.ok("Resume", s.Resume(t.ctx, storeFeed, "a"))
	}
	t.ok("Resume of an unknown group", s.Resume(t.ctx, storeFeed, "none"))
	if item := t.handle(s); !item.Time.Equal(change("a", 2).Time) {
		t.Fatalf("after Resume: %v", item.Time)
	}
	t.claimNone(s, "only the dead letter is left")
	if st := t.stats(s); st.Held != 0 || st.Dead != 1 {
		t.Fatalf("stats after Resume: %+v", st)
	}
}

func settlingTwiceIsRefused(t storeTest, s inbox.Store) {
	t.mustPut(s, change("a", 1), change("a", 2))
	item := t.handle(s)
	t.refused(s, item.Lease)
	if lost, err := s.Done(t.ctx, item.Lease); err != nil || len(lost) != 1 {
		t.Fatalf("Done a second time: lost %v, error %v", lost, err)
	}
	if st := t.stats(s); st.Depth != 1 || st.Dead != 0 {
		t.Fatalf("stats: %+v", st)
	}
}

// refused checks that nothing can be done under a void lease.
func (t storeTest) refused(s inbox.Store, l inbox.Lease) {
	t.Helper()
	if err := s.Retry(t.ctx, l, 0, "again"); !errors.Is(err, inbox.ErrLeaseLost) {
		t.Fatalf("Retry under a void lease: %v", err)
	}
	if err := s.Dead(t.ctx, l, "dead", true); !errors.Is(err, inbox.ErrLeaseLost) {
		t.Fatalf("Dead under a void lease: %v", err)
	}
	if tx, ok := s.(inbox.TxStore); ok {
		err := tx.DoneTx(t.ctx, l, func(*sql.Tx) error { return nil })
		if !errors.Is(err, inbox.ErrLeaseLost) {
			t.Fatalf("DoneTx under a void lease: %v", err)
		}
	}
}

func transactionHandlesExactlyOnce(t storeTest, s inbox.Store) {
	tx, ok := s.(inbox.TxStore)
	if !ok {
		t.Skip("the store has no transactions")
	}
	t.mustPut(s, change("a", 1), change("a", 2))
	first := t.claimOne(s)
	failure := errors.New("no luck")
	if err := tx.DoneTx(t.ctx, first.Lease, func(*sql.Tx) error { return failure }); !errors.Is(err, failure) {
		t.Fatalf("DoneTx hides the handler's error: %v", err)
	}
	t.ok("Retry after a transaction that failed", s.Retry(t.ctx, first.Lease, 0, "no luck"))
	again := t.claimOne(s)
	if again.Key != first.Key {
		t.Fatalf("a callback whose transaction failed was not handed over again")
	}
	t.ok("DoneTx", tx.DoneTx(t.ctx, again.Lease, func(*sql.Tx) error { return nil }))
	if states := t.list(s); states[0].State != inbox.StateHandled || states[1].State != inbox.StateWaiting {
		t.Fatalf("after the transaction: %v, %v", states[0].State, states[1].State)
	}
	ctx, cancel := context.WithCancel(t.ctx)
	next := t.claimOne(s)
	err := tx.DoneTx(ctx, next.Lease, func(*sql.Tx) error { cancel(); return nil })
	if err == nil || !slices.Contains(t.states(s), inbox.StateWaiting) {
		t.Fatalf("a transaction whose context ended was committed: %v", err)
	}
}

func (t storeTest) states(s inbox.Store) (out []inbox.State) {
	for _, e := range t.list(s) {
		out = append(out, e.State)
	}
	return out
}
