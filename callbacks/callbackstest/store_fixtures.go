package callbackstest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/inbox"
)

const (
	storeFeed = "changes"
	longLease = time.Hour // never runs out in a test
)

// storeEpoch is when the changes of the tests happened.
var storeEpoch = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// change is a record of the group, which happened the given minutes after the epoch.
// Equal arguments make equal records.
func change(group string, minute int, content ...string) callbacks.Record {
	slot := fmt.Sprintf("%q %d", group, minute)
	raw := fmt.Sprintf(`{"group":%q,"minute":%d,"content":%q}`, group, minute, content)
	return callbacks.Record{
		Feed: storeFeed, Key: digest(raw), Slot: digest(slot), Group: group,
		Time:       storeEpoch.Add(time.Duration(minute) * time.Minute),
		ReceivedAt: time.Now().UTC().Truncate(time.Microsecond), Raw: []byte(raw),
	}
}

func unreadable(raw string) callbacks.Record {
	return callbacks.Record{
		Feed: storeFeed, Key: digest(raw), Raw: []byte(raw), Problem: "not JSON",
		ReceivedAt: time.Now().UTC().Truncate(time.Microsecond),
	}
}

func digest(s string) callbacks.Key { return sha256.Sum256([]byte(s)) }

// storeTest is what a check needs; a testing.TB, so that the checks can be tested too.
type storeTest struct {
	testing.TB
	ctx context.Context
}

func (t storeTest) put(s inbox.Store, records ...callbacks.Record) []callbacks.Outcome {
	t.Helper()
	out, err := s.Put(t.ctx, records)
	if err != nil {
		t.Fatalf("Put: %v", err)
	}
	if len(out) != len(records) {
		t.Fatalf("Put gave %d outcomes for %d records", len(out), len(records))
	}
	return out
}

// mustPut puts records that are all new.
func (t storeTest) mustPut(s inbox.Store, records ...callbacks.Record) {
	t.Helper()
	for i, out := range t.put(s, records...) {
		if out == callbacks.OutcomeDuplicate {
			t.Fatalf("Put: new record %d became %v", i, out)
		}
	}
}

func (t storeTest) claim(s inbox.Store, n int) []inbox.Item {
	t.Helper()
	items, err := s.Claim(t.ctx, storeFeed, n, longLease)
	if err != nil {
		t.Fatalf("Claim: %v", err)
	}
	return items
}

// claimOne claims what must be the only thing to claim.
func (t storeTest) claimOne(s inbox.Store) inbox.Item {
	t.Helper()
	items := t.claim(s, 10)
	if len(items) != 1 {
		t.Fatalf("claimed %d callbacks, want 1", len(items))
	}
	return items[0]
}

// claimNone checks that nothing can be claimed.
func (t storeTest) claimNone(s inbox.Store, why string) {
	t.Helper()
	if items := t.claim(s, 10); len(items) != 0 {
		t.Fatalf("claimed %s at %v: %s", items[0].Raw, items[0].Time, why)
	}
}

// claimSoon claims one callback as soon as a short lease or pause is over.
func (t storeTest) claimSoon(s inbox.Store) inbox.Item {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for {
		if items := t.claim(s, 1); len(items) > 0 {
			return items[0]
		}
		select {
		case <-tick.C:
		case <-t.ctx.Done():
			t.Fatalf("nothing became claimable")
		}
	}
}

func (t storeTest) done(s inbox.Store, items ...inbox.Item) {
	t.Helper()
	for _, item := range items {
		lost, err := s.Done(t.ctx, item.Lease)
		if err != nil || len(lost) > 0 {
			t.Fatalf("Done: lost %v, error %v", lost, err)
		}
	}
}

// handle claims and finishes one callback and returns it.
func (t storeTest) handle(s inbox.Store) inbox.Item {
	t.Helper()
	item := t.claimOne(s)
	t.done(s, item)
	return item
}

func (t storeTest) list(s inbox.Store, states ...inbox.State) []inbox.Entry {
	t.Helper()
	entries, err := s.List(t.ctx, inbox.Filter{Feed: storeFeed, States: states, Limit: 100_000})
	if err != nil {
		t.Fatalf("List: %v", err)
	}
	return entries
}

func (t storeTest) stats(s inbox.Store) inbox.Stats {
	t.Helper()
	st, err := s.Stats(t.ctx, storeFeed)
	if err != nil {
		t.Fatalf("Stats: %v", err)
	}
	return st
}

func (t storeTest) ok(what string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
}
