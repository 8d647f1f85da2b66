package inboxtest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"testing"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/inbox"
)

// RunStoreTests checks that a store keeps every promise of inbox.Store, one subtest a
// promise, all in parallel. open must return an empty store each time, on the database
// under test, and clean up with t.Cleanup. Run it with -race.
//
// A store that passes can be given to inbox.New. If it is an inbox.TxStore its
// transactions are checked too.
func RunStoreTests(t *testing.T, open func(t *testing.T) inbox.Store) {
	for _, c := range storeCases {
		t.Run(c.guarantee, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), storeTestTimeout)
			defer cancel()
			c.check(storeTest{TB: t, ctx: ctx}, open(t))
		})
	}
}

// storeTestTimeout bounds one promise; the slowest waits for a lease to run out.
const storeTestTimeout = time.Minute

// storeCase is one promise of inbox.Store.
type storeCase struct {
	guarantee string
	check     func(t storeTest, s inbox.Store)
}

var storeCases = []storeCase{
	{"PutKeepsEverything", putKeepsEverything},
	{"PutTellsRepeatsFromNews", putTellsRepeatsFromNews},
	{"PutRemembersWhatWasHandled", putRemembersWhatWasHandled},
	{"PutFlagsAmendments", putFlagsAmendments},
	{"PutIsAllOrNothing", putIsAllOrNothing},
	{"PutStopsWithItsContext", putStopsWithItsContext},
	{"PutStoresOnceUnderConcurrentRepeats", putStoresOnceUnderConcurrentRepeats},
	{"QuarantinedIsKeptAndNeverClaimed", quarantinedIsKeptAndNeverClaimed},

	{"ClaimGivesTheHeadOfEachGroup", claimGivesTheHeadOfEachGroup},
	{"ClaimGivesAtMostAsAsked", claimGivesAtMostAsAsked},
	{"ClaimKeepsFeedsApart", claimKeepsFeedsApart},
	{"ClaimOrdersByChangeThenArrival", claimOrdersByChangeThenArrival},
	{"ClaimFlagsLateChanges", claimFlagsLateChanges},
	{"ClaimIsExclusive", claimIsExclusive},
	{"LeaseRunsOutAndIsFenced", leaseRunsOutAndIsFenced},
	{"RenewKeepsALease", renewKeepsALease},

	{"RetryPausesItsGroupOnly", retryPausesItsGroupOnly},
	{"RetryWithoutReasonCountsNoTry", retryWithoutReasonCountsNoTry},
	{"RetryLetsAnOlderChangeGoFirst", retryLetsAnOlderChangeGoFirst},
	{"DeadLetterLetsTheGroupGoOn", deadLetterLetsTheGroupGoOn},
	{"DeadLetterHoldsTheGroup", deadLetterHoldsTheGroup},
	{"ResumeGoesOnWithoutTheDeadLetter", resumeGoesOnWithoutTheDeadLetter},
	{"SettlingTwiceIsRefused", settlingTwiceIsRefused},

	{"ListFiltersAndPages", listFiltersAndPages},
	{"RequeueHandsOverAgain", requeueHandsOverAgain},
	{"RequeueReadsTheQuarantined", requeueReadsTheQuarantined},
	{"PruneDeletesByAgeOnly", pruneDeletesByAgeOnly},
	{"StatsCount", statsCount},
	{"TransactionHandlesExactlyOnce", transactionHandlesExactlyOnce},
	{"NothingIsLostUnderLoad", nothingIsLostUnderLoad},
}

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

// storeTest runs one check. It is a testing.TB, so that tests of the suite can record failures.
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

// claimOne claims the only callback that can be claimed.
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
