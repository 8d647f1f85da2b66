package callbackstest

import (
	"context"
	"testing"
	"time"

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
