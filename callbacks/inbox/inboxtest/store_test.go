package inboxtest

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/inbox"
)

func TestMemory_KeepsTheContract(t *testing.T) {
	t.Parallel()
	RunStoreTests(t, func(*testing.T) inbox.Store { return inbox.NewMemory() })
}

// Each promise is broken once, and the suite must notice.
func TestRunStoreTests_BrokenPromiseIsNoticed(t *testing.T) {
	t.Parallel()
	for _, c := range brokenStores {
		t.Run(c.defect, func(t *testing.T) {
			t.Parallel()
			i := slices.IndexFunc(storeCases, func(s storeCase) bool { return s.guarantee == c.broken })
			if i < 0 {
				t.Fatalf("no promise %s", c.broken)
			}
			if !notices(t, storeCases[i], c.store(inbox.NewMemory())) {
				t.Fatalf("%s passes with a store that has this defect", c.broken)
			}
			if notices(t, storeCases[i], inbox.NewMemory()) {
				t.Fatalf("%s fails with a store without defect", c.broken)
			}
		})
	}
}

func TestRunStoreTests_EachPromiseIsBrokenOnce(t *testing.T) {
	t.Parallel()
	for _, s := range storeCases {
		if s.guarantee == "TransactionHandlesExactlyOnce" {
			continue // memory has no transactions to break
		}
		if !slices.ContainsFunc(brokenStores, func(b brokenStore) bool { return b.broken == s.guarantee }) {
			t.Errorf("nothing shows that the check of %s works", s.guarantee)
		}
	}
}

// notices reports whether a check fails.
func notices(t *testing.T, c storeCase, s inbox.Store) bool {
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	r := &recorder{TB: t}
	var wg sync.WaitGroup
	wg.Go(func() { c.check(storeTest{TB: r, ctx: ctx}, s) })
	wg.Wait()
	return r.Failed()
}

// recorder is a test that may fail.
type recorder struct {
	testing.TB
	mu       sync.Mutex
	failures []string
}

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failures = append(r.failures, fmt.Sprintf(format, args...))
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.Errorf(format, args...)
	runtime.Goexit()
}

func (r *recorder) Failed() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.failures) > 0
}

// brokenStore is a store with one defect.
type brokenStore struct {
	defect, broken string
	store          func(*inbox.Memory) inbox.Store
}

// defective is a Memory with some methods replaced.
type defective struct {
	*inbox.Memory
	put     func(context.Context, []callbacks.Record) ([]callbacks.Outcome, error)
	claim   func(context.Context, string, int, time.Duration) ([]inbox.Item, error)
	renew   func(context.Context, time.Duration, ...inbox.Lease) ([]inbox.Lease, error)
	done    func(context.Context, ...inbox.Lease) ([]inbox.Lease, error)
	retry   func(context.Context, inbox.Lease, time.Duration, string) error
	dead    func(context.Context, inbox.Lease, string, bool) error
	list    func(context.Context, inbox.Filter) ([]inbox.Entry, error)
	requeue func(context.Context, int64, *callbacks.Record) (callbacks.Outcome, error)
	resume  func(context.Context, string, string) error
	prune   func(context.Context, time.Duration, int, ...inbox.State) (int, error)
	stats   func(context.Context, string) (inbox.Stats, error)
}

func newDefective(m *inbox.Memory, breakIt func(*defective)) *defective {
	d := &defective{
		Memory: m, put: m.Put, claim: m.Claim, renew: m.Renew, done: m.Done, retry: m.Retry, dead: m.Dead,
		list: m.List, requeue: m.Requeue, resume: m.Resume, prune: m.Prune, stats: m.Stats,
	}
	breakIt(d)
	return d
}

func (d *defective) Put(ctx context.Context, r []callbacks.Record) ([]callbacks.Outcome, error) {
	return d.put(ctx, r)
}

func (d *defective) Claim(ctx context.Context, feed string, n int, lease time.Duration) ([]inbox.Item, error) {
	return d.claim(ctx, feed, n, lease)
}

func (d *defective) Renew(ctx context.Context, lease time.Duration, l ...inbox.Lease) ([]inbox.Lease, error) {
	return d.renew(ctx, lease, l...)
}

func (d *defective) Done(ctx context.Context, l ...inbox.Lease) ([]inbox.Lease, error) {
	return d.done(ctx, l...)
}

func (d *defective) Retry(ctx context.Context, l inbox.Lease, pause time.Duration, reason string) error {
	return d.retry(ctx, l, pause, reason)
}

func (d *defective) Dead(ctx context.Context, l inbox.Lease, reason string, hold bool) error {
	return d.dead(ctx, l, reason, hold)
}

func (d *defective) List(ctx context.Context, f inbox.Filter) ([]inbox.Entry, error) {
	return d.list(ctx, f)
}

func (d *defective) Requeue(ctx context.Context, id int64, r *callbacks.Record) (callbacks.Outcome, error) {
	return d.requeue(ctx, id, r)
}

func (d *defective) Resume(ctx context.Context, feed, group string) error {
	return d.resume(ctx, feed, group)
}

func (d *defective) Prune(ctx context.Context, age time.Duration, limit int, s ...inbox.State) (int, error) {
	return d.prune(ctx, age, limit, s...)
}

func (d *defective) Stats(ctx context.Context, feed string) (inbox.Stats, error) {
	return d.stats(ctx, feed)
}
