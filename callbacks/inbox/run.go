package inbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
)

// Event is a callback as a handler gets it.
type Event[T any] struct {
	callbacks.Received[T]
	ID      int64 // in the inbox, for List and Requeue
	Attempt int   // 1 for the first try
	Late    bool  // a newer change of the group was handled already
	Amended bool  // another callback of the same slot came before, with other content
}

// Handler handles one callback. After nil the callback is handled; after an error or a panic
// it is tried again, so a handler must be safe to call twice for the same Key. The context
// ends when the lease is lost or the drain time is over.
type Handler[T any] func(ctx context.Context, e Event[T]) error

// TxHandler handles one callback in tx, which also marks it as handled: either both
// happen or neither. It must not commit or roll back tx.
type TxHandler[T any] func(ctx context.Context, tx *sql.Tx, e Event[T]) error

// Values makes a Handler of a function that needs only the decoded value.
func Values[T any](fn func(context.Context, T) error) Handler[T] {
	return func(ctx context.Context, e Event[T]) error { return fn(ctx, e.Value) }
}

// Run hands the feed's callbacks to the handler: those of a group one after the other in
// the order of their changes, those of different groups concurrently. It returns when ctx
// ends or the box is closed and the handlers at work have returned: nil, or
// ErrDrainTimeout. A database that fails meanwhile is reported to the observer and tried
// again. Several may run for one feed, in several processes; they share the work.
func Run[T any](ctx context.Context, b *Box, feed callbacks.Feed[T], handler Handler[T], opts ...RunOption) error {
	if handler == nil {
		return errors.New("inbox: run: no handler")
	}
	return run(ctx, b, feed, opts, func(ctx context.Context, _ Item, e Event[T]) (bool, error) {
		return false, handler(ctx, e)
	})
}

// HandleTx is Run with handlers that work in the transaction that marks the callback as
// handled: their effects on the same database happen exactly once. HandleTx fails with
// ErrNoTx when the store of the box has no transactions.
//
// On SQLite the transaction is the only writer while it lasts: handlers run one at a time,
// and Accept waits for them. Keep such handlers short.
func HandleTx[T any](ctx context.Context, b *Box, feed callbacks.Feed[T], handler TxHandler[T], opts ...RunOption) error {
	if handler == nil {
		return errors.New("inbox: run: no handler")
	}
	store, ok := b.store.(TxStore)
	if !ok {
		return ErrNoTx
	}
	// Handlers that run one at a time need few claimed callbacks.
	if s, ok := b.store.(*sqlStore); ok && s.tables.OneWriter() {
		opts = append([]RunOption{WithWorkers(4)}, opts...)
	}
	return run(ctx, b, feed, opts, func(ctx context.Context, item Item, e Event[T]) (bool, error) {
		err := store.DoneTx(ctx, item.Lease, func(tx *sql.Tx) error { return handler(ctx, tx, e) })
		return err == nil, err
	})
}

// run joins the typed handler and the untyped runner.
func run[T any](ctx context.Context, b *Box, feed callbacks.Feed[T], opts []RunOption,
	handle func(context.Context, Item, Event[T]) (done bool, err error),
) error {
	if err := checkFeed(feed); err != nil {
		return err
	}
	cfg, err := newRunConfig(opts)
	if err != nil {
		return err
	}
	r := &runner{box: b, feed: feed.Name, cfg: cfg, wake: make(chan struct{}, 1), active: make(map[Lease]*activeItem)}
	r.handle = func(ctx context.Context, item Item) (bool, error) {
		value, err := feed.Decode(item.Raw)
		if err != nil {
			return false, Permanent(fmt.Errorf("cannot be read any more: %w", err))
		}
		return handle(ctx, item, Event[T]{
			Received: callbacks.Received[T]{Record: item.Record, Value: value},
			ID:       item.Lease.ID, Attempt: item.Attempt, Late: item.Late, Amended: item.Amended,
		})
	}
	return r.run(ctx)
}

// runner claims callbacks of one feed and gives them to workers.
type runner struct {
	box    *Box
	feed   string
	cfg    runConfig
	handle func(ctx context.Context, item Item) (done bool, err error)

	claiming context.Context // ends when no further handler may begin
	stop     context.CancelFunc
	handling context.Context // ends when handlers must give up
	abort    context.CancelCauseFunc
	wake     chan struct{} // a callback may be due
	workers  sync.WaitGroup

	mu     sync.Mutex
	active map[Lease]*activeItem
}

// activeItem is a callback at its handler.
type activeItem struct {
	cancel  context.CancelCauseFunc
	renewed time.Time
}

// run claims until ctx ends or stop is called, then waits for the handlers.
func (r *runner) run(ctx context.Context) error {
	r.claiming, r.stop = context.WithCancel(ctx)
	defer r.stop()
	r.handling, r.abort = context.WithCancelCause(context.WithoutCancel(ctx))
	defer r.abort(ErrDraining)
	if err := r.box.addRun(r); err != nil {
		return err
	}
	defer r.box.removeRun(r)

	var keepers sync.WaitGroup
	keeping, endKeeping := context.WithCancel(context.WithoutCancel(ctx))
	defer keepers.Wait()
	defer endKeeping()
	keepers.Go(func() { r.keepLeases(keeping) })
	keepers.Go(func() { r.box.keepPruned(r.claiming) })

	for r.claiming.Err() == nil {
		r.wait(r.claim())
	}
	return r.drain()
}

// claim gives due callbacks to free workers. It returns how long the run may wait until the
// next claim.
func (r *runner) claim() time.Duration {
	r.mu.Lock()
	free := r.cfg.workers - len(r.active)
	r.mu.Unlock()
	if free == 0 {
		return r.cfg.poll // a handler that returns wakes the run earlier
	}
	// The end of the run does not cancel a claim: the run must know what it has claimed.
	ctx, cancel := r.box.storeContext(r.handling)
	defer cancel()
	items, err := r.box.store.Claim(ctx, r.feed, free, r.cfg.lease)
	if err != nil {
		r.box.storeFailed(ctx, "claim", err)
		return r.cfg.poll
	}
	for _, item := range items {
		if r.claiming.Err() != nil {
			r.giveBack(item)
			continue
		}
		r.begin(item)
	}
	if len(items) == free {
		return 0
	}
	return r.cfg.poll
}

// begin gives a callback to a worker.
func (r *runner) begin(item Item) {
	ctx, cancel := context.WithCancelCause(r.handling)
	r.mu.Lock()
	r.active[item.Lease] = &activeItem{cancel: cancel, renewed: time.Now()}
	r.mu.Unlock()
	r.workers.Go(func() {
		defer func() {
			r.mu.Lock()
			delete(r.active, item.Lease)
			r.mu.Unlock()
			cancel(nil)
			r.wakeUp()
		}()
		r.work(ctx, item)
	})
}

func (r *runner) wakeUp() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// wait returns when a callback may be due, at the latest after the limit.
func (r *runner) wait(limit time.Duration) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-r.wake:
	case <-timer.C:
	case <-r.claiming.Done():
	}
}

// drainGrace is how long a handler may take to notice that its context has ended.
const drainGrace = time.Second

// drain waits for the handlers, first for their success, then for their end.
func (r *runner) drain() error {
	done := make(chan struct{})
	go func() {
		r.workers.Wait()
		close(done)
	}()
	timer := time.NewTimer(r.cfg.drain)
	defer timer.Stop()
	select {
	case <-done:
		return nil
	case <-timer.C:
	case <-r.handling.Done():
	}
	r.abort(ErrDraining)
	timer.Reset(drainGrace)
	select {
	case <-done:
		return nil
	case <-timer.C:
		return ErrDrainTimeout
	}
}
