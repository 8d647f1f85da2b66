package inbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

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

// Handler handles one callback. Returning nil means it is handled; an error or a panic
// has it tried again, so a handler must bear being called twice for the same Key. The
// context ends when the lease is lost or the drain time is over.
type Handler[T any] func(ctx context.Context, e Event[T]) error

// TxHandler handles one callback in tx, which also marks it as handled: either both
// happen or neither. It must not commit or roll back tx.
type TxHandler[T any] func(ctx context.Context, tx *sql.Tx, e Event[T]) error

// Values makes a Handler of a function that needs the decoded value alone.
func Values[T any](fn func(context.Context, T) error) Handler[T] {
	return func(ctx context.Context, e Event[T]) error { return fn(ctx, e.Value) }
}

// Deliveries makes a Handler of a function that needs the delivery, not how it is handed
// over.
func Deliveries[T any](fn func(context.Context, callbacks.Received[T]) error) Handler[T] {
	return func(ctx context.Context, e Event[T]) error { return fn(ctx, e.Received) }
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
// handled, for effects that belong into the same database: they happen exactly once.
//
// On SQLite the transaction is the only writer while it lasts, and Accept has to wait for
// it; keep such handlers short. They run one at a time there, however many workers claim.
// Fails with ErrNoTx when the store of the box has no transactions.
func HandleTx[T any](ctx context.Context, b *Box, feed callbacks.Feed[T], handler TxHandler[T], opts ...RunOption) error {
	if handler == nil {
		return errors.New("inbox: run: no handler")
	}
	store, ok := b.store.(TxStore)
	if !ok {
		return ErrNoTx
	}
	if s, ok := b.store.(*sqlStore); ok && s.tables.OneWriter() {
		opts = append([]RunOption{WithWorkers(sqliteTxWorkers)}, opts...)
	}
	return run(ctx, b, feed, opts, func(ctx context.Context, item Item, e Event[T]) (bool, error) {
		err := store.DoneTx(ctx, item.Lease, func(tx *sql.Tx) error { return handler(ctx, tx, e) })
		return err == nil, err
	})
}

// sqliteTxWorkers is how many callbacks are claimed at once for handlers that take turns.
const sqliteTxWorkers = 4

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
	r := newRunner(ctx, b, feed.Name, cfg, func(ctx context.Context, item Item) (bool, error) {
		value, err := feed.Decode(item.Raw)
		if err != nil {
			return false, Permanent(fmt.Errorf("cannot be read any more: %w", err))
		}
		return handle(ctx, item, Event[T]{
			Received: callbacks.Received[T]{Record: item.Record, Value: value},
			ID:       item.Lease.ID, Attempt: item.Attempt, Late: item.Late, Amended: item.Amended,
		})
	})
	return r.run()
}
