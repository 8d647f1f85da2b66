package inboxtest

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/inbox"
)

var lastDigest atomic.Uint64

// withoutKey makes a store forget what it has: each record gets a key of its own.
func withoutKey(d *defective, also func(callbacks.Record) bool) {
	d.put = func(ctx context.Context, rs []callbacks.Record) ([]callbacks.Outcome, error) {
		var out []callbacks.Outcome
		for _, r := range rs {
			if also(r) {
				n := lastDigest.Add(1)
				r.Key[0], r.Key[1], r.Key[2], r.Key[3] = byte(n), byte(n>>8), byte(n>>16), 1
				r.Slot = callbacks.Key{}
			}
			o, err := d.Memory.Put(ctx, []callbacks.Record{r})
			if err != nil {
				return nil, err
			}
			out = append(out, o...)
		}
		return out, nil
	}
}

// puts changes each record on its way in.
func puts(change func(r *callbacks.Record)) func(*inbox.Memory) inbox.Store {
	return broken(func(d *defective) {
		d.put = func(ctx context.Context, rs []callbacks.Record) ([]callbacks.Outcome, error) {
			changed := make([]callbacks.Record, len(rs))
			for i, r := range rs {
				change(&r)
				changed[i] = r
			}
			return d.Memory.Put(ctx, changed)
		}
	})
}

// claims changes what Claim returns.
func claims(change func(items []inbox.Item) []inbox.Item) func(*inbox.Memory) inbox.Store {
	return broken(func(d *defective) {
		d.claim = func(ctx context.Context, feed string, n int, lease time.Duration) ([]inbox.Item, error) {
			items, err := d.Memory.Claim(ctx, feed, n, lease)
			return change(items), err
		}
	})
}

func broken(breakIt func(*defective)) func(*inbox.Memory) inbox.Store {
	return func(m *inbox.Memory) inbox.Store { return newDefective(m, breakIt) }
}

var brokenStores = []brokenStore{
	{"no unique key", "PutTellsRepeatsFromNews", broken(func(d *defective) {
		withoutKey(d, func(callbacks.Record) bool { return true })
	})},
	{"looks the key up, then writes", "PutStoresOnceUnderConcurrentRepeats", broken(func(d *defective) {
		withoutKey(d, func(callbacks.Record) bool { return rand.IntN(10) == 0 })
	})},
	{"forgets the key of what was handled", "PutRemembersWhatWasHandled", broken(func(d *defective) {
		d.done = func(ctx context.Context, l ...inbox.Lease) ([]inbox.Lease, error) {
			lost, err := d.Memory.Done(ctx, l...)
			for n := 0; n == 0 && err == nil && len(lost) == 0; {
				n, err = d.Memory.Prune(ctx, 0, 1, inbox.StateHandled)
			}
			return lost, err
		}
	})},
	{"cuts bodies at a zero byte", "PutKeepsEverything", puts(func(r *callbacks.Record) {
		for i, c := range r.Raw {
			if c == 0 {
				r.Raw = r.Raw[:i]
				return
			}
		}
	})},
	{"knows no slots", "PutFlagsAmendments", puts(func(r *callbacks.Record) { r.Slot = callbacks.Key{} })},
	{"writes record by record", "PutIsAllOrNothing", broken(func(d *defective) {
		withoutKey(d, func(callbacks.Record) bool { return false })
	})},
	{"ignores the context", "PutStopsWithItsContext", broken(func(d *defective) {
		d.put = func(_ context.Context, r []callbacks.Record) ([]callbacks.Outcome, error) {
			return d.Memory.Put(context.Background(), r)
		}
	})},
	{"hands over what cannot be read", "QuarantinedIsKeptAndNeverClaimed", puts(func(r *callbacks.Record) { r.Problem = "" })},
	{"ignores groups", "ClaimGivesTheHeadOfEachGroup", puts(func(r *callbacks.Record) { r.Group += r.Time.String() })},
	{"ignores how many are asked for", "ClaimGivesAtMostAsAsked", broken(func(d *defective) {
		d.claim = func(ctx context.Context, feed string, _ int, lease time.Duration) ([]inbox.Item, error) {
			return d.Memory.Claim(ctx, feed, 100, lease)
		}
	})},
	{"has one feed", "ClaimKeepsFeedsApart", puts(func(r *callbacks.Record) { r.Feed = storeFeed })},
	{"orders by arrival", "ClaimOrdersByChangeThenArrival", puts(func(r *callbacks.Record) { r.Time = storeEpoch })},
	{"keeps microseconds", "ClaimOrdersByChangeThenArrival", puts(func(r *callbacks.Record) { r.Time = r.Time.Truncate(time.Microsecond) })},
	{"never late", "ClaimFlagsLateChanges", claims(func(items []inbox.Item) []inbox.Item {
		for i := range items {
			items[i].Late = false
		}
		return items
	})},
	{"gives leases away twice", "ClaimIsExclusive", broken(func(d *defective) {
		d.claim = func(ctx context.Context, feed string, n int, _ time.Duration) ([]inbox.Item, error) {
			if rand.IntN(2) == 0 {
				return d.Memory.Claim(ctx, feed, n, time.Nanosecond)
			}
			return d.Memory.Claim(ctx, feed, n, time.Hour)
		}
	})},
	{"leases never run out", "LeaseRunsOutAndIsFenced", broken(func(d *defective) {
		d.claim = func(ctx context.Context, feed string, n int, _ time.Duration) ([]inbox.Item, error) {
			return d.Memory.Claim(ctx, feed, n, time.Hour)
		}
	})},
	{"does not fence", "LeaseRunsOutAndIsFenced", broken(func(d *defective) {
		d.done = func(ctx context.Context, l ...inbox.Lease) ([]inbox.Lease, error) {
			for i := range l {
				l[i].Fence = 2
			}
			return d.Memory.Done(ctx, l...)
		}
	})},
	{"does not renew", "RenewKeepsALease", broken(func(d *defective) {
		d.renew = func(ctx context.Context, _ time.Duration, l ...inbox.Lease) ([]inbox.Lease, error) {
			return d.Memory.Renew(ctx, time.Millisecond, l...)
		}
	})},
	{"does not pause", "RetryPausesItsGroupOnly", broken(func(d *defective) {
		d.retry = func(ctx context.Context, l inbox.Lease, _ time.Duration, reason string) error {
			return d.Memory.Retry(ctx, l, 0, reason)
		}
	})},
	{"counts what was given back", "RetryWithoutReasonCountsNoTry", broken(func(d *defective) {
		d.retry = func(ctx context.Context, l inbox.Lease, pause time.Duration, reason string) error {
			return d.Memory.Retry(ctx, l, pause, reason+"!")
		}
	})},
	{"keeps to what it began", "RetryLetsAnOlderChangeGoFirst", broken(func(d *defective) {
		d.retry = func(ctx context.Context, l inbox.Lease, _ time.Duration, _ string) error {
			_, err := d.Memory.Done(ctx, l)
			return err
		}
	})},
	{"forgets the reason", "DeadLetterLetsTheGroupGoOn", broken(func(d *defective) {
		d.dead = func(ctx context.Context, l inbox.Lease, _ string, hold bool) error {
			return d.Memory.Dead(ctx, l, "", hold)
		}
	})},
	{"never holds", "DeadLetterHoldsTheGroup", broken(func(d *defective) {
		d.dead = func(ctx context.Context, l inbox.Lease, reason string, _ bool) error {
			return d.Memory.Dead(ctx, l, reason, false)
		}
	})},
	{"never resumes", "ResumeGoesOnWithoutTheDeadLetter", broken(func(d *defective) {
		d.resume = func(context.Context, string, string) error { return nil }
	})},
	{"settles under any lease", "SettlingTwiceIsRefused", broken(func(d *defective) {
		d.retry = func(ctx context.Context, l inbox.Lease, pause time.Duration, reason string) error {
			_ = d.Memory.Retry(ctx, l, pause, reason)
			return nil
		}
	})},
	{"lists everything", "ListFiltersAndPages", broken(func(d *defective) {
		d.list = func(ctx context.Context, f inbox.Filter) ([]inbox.Entry, error) {
			f.Group = ""
			return d.Memory.List(ctx, f)
		}
	})},
	{"requeues nothing", "RequeueHandsOverAgain", broken(func(d *defective) {
		d.requeue = func(context.Context, int64, *callbacks.Record) (callbacks.Outcome, error) {
			return callbacks.OutcomeStored, nil
		}
	})},
	{"does not look for the identity", "RequeueReadsTheQuarantined", broken(func(d *defective) {
		d.requeue = func(ctx context.Context, id int64, r *callbacks.Record) (callbacks.Outcome, error) {
			if r != nil {
				r.Key = digest(r.Key.String())
			}
			return d.Memory.Requeue(ctx, id, r)
		}
	})},
	{"prunes by count", "PruneDeletesByAgeOnly", broken(func(d *defective) {
		d.prune = func(ctx context.Context, _ time.Duration, limit int, s ...inbox.State) (int, error) {
			return d.Memory.Prune(ctx, -time.Second, limit, s...)
		}
	})},
	{"counts all feeds", "StatsCount", broken(func(d *defective) {
		d.stats = func(ctx context.Context, _ string) (inbox.Stats, error) { return d.Memory.Stats(ctx, "") }
	})},
	{"loses one in a hundred", "NothingIsLostUnderLoad", broken(func(d *defective) {
		var n atomic.Int64
		d.put = func(ctx context.Context, r []callbacks.Record) ([]callbacks.Outcome, error) {
			if n.Add(1) == 20 {
				return make([]callbacks.Outcome, len(r)), nil
			}
			return d.Memory.Put(ctx, r)
		}
	})},
}
