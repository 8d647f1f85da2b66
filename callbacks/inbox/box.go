package inbox

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/sqlstore"
)

// Box is an inbox: deliveries go in through NewSink and come out through Run or HandleTx,
// in this process or in another that opened the same database. Safe for concurrent use.
type Box struct {
	store   Store
	cfg     config
	puts    *batcher[callbacks.Record, callbacks.Outcome]
	dones   *batcher[Lease, bool] // true: the lease was lost
	release func()

	mu     sync.Mutex
	closed bool
	runs   map[*runner]struct{}
	ending sync.WaitGroup // runs
}

// Open makes an inbox of a database. The caller opens db with a driver of its choice, and
// closes it after the box. Missing tables are created, older ones brought up to date. A
// database that cannot be used is a *sqlstore.OpenError.
//
// On SQLite the journal mode becomes WAL, and every write is flushed before it counts.
func Open(ctx context.Context, db *sql.DB, dialect sqlstore.Dialect, opts ...Option) (*Box, error) {
	if db == nil || dialect.IsZero() {
		return nil, errors.New("inbox: open: give a *sql.DB, and sqlstore.SQLite or sqlstore.Postgres")
	}
	cfg, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	store, err := openStore(ctx, db, dialect, cfg.table)
	if err != nil {
		return nil, err
	}
	return newBox(store, cfg, store.close), nil
}

// New makes an inbox of any Store, such as NewMemory.
func New(store Store, opts ...Option) (*Box, error) {
	if store == nil {
		return nil, errors.New("inbox: new: give a store, such as inbox.NewMemory()")
	}
	cfg, err := newConfig(opts)
	if err != nil {
		return nil, err
	}
	return newBox(store, cfg, func() {}), nil
}

func newBox(store Store, cfg config, release func()) *Box {
	b := &Box{store: store, cfg: cfg, release: sync.OnceFunc(release), runs: make(map[*runner]struct{})}
	b.puts = newBatcher(cfg, func(r callbacks.Record) int { return len(r.Raw) }, store.Put)
	b.dones = newBatcher(cfg, func(Lease) int { return 0 }, b.flushDone)
	return b
}

// Store returns the box's store, for operations that the box does not offer.
func (b *Box) Store() Store { return b.store }

func (b *Box) flushDone(ctx context.Context, leases []Lease) ([]bool, error) {
	lost, err := b.store.Done(ctx, leases...)
	if err != nil {
		return nil, err
	}
	out := make([]bool, len(leases))
	for i, l := range leases {
		out[i] = slices.Contains(lost, l)
	}
	return out, nil
}

// Close ends the box in good order. Deliveries are refused from now on, writes that have
// begun are finished, and every Run ends as if its context had ended: the handlers at work
// may finish while ctx and the drain time last. Callbacks that are not handled by then stay
// stored. Shut the HTTP server down first, so that no sender is refused. Close again does
// no harm.
func (b *Box) Close(ctx context.Context) error {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.eachRun(func(r *runner) { r.stop() })
	done := make(chan struct{})
	go func() {
		defer close(done)
		b.puts.close()
		b.ending.Wait()
		b.dones.close()
		b.release()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		b.eachRun(func(r *runner) { r.abort(ErrDraining) })
		return fmt.Errorf("%w: %w", ErrDrainTimeout, context.Cause(ctx))
	}
}

func (b *Box) eachRun(do func(*runner)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for r := range b.runs {
		do(r)
	}
}

// addRun makes a run known to Close and wake.
func (b *Box) addRun(r *runner) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return ErrClosed
	}
	b.runs[r] = struct{}{}
	b.ending.Add(1)
	return nil
}

func (b *Box) removeRun(r *runner) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.runs, r)
	b.ending.Done()
}

// wake tells the runs of this process that the feed may have something to claim.
func (b *Box) wake(feed string) {
	b.eachRun(func(r *runner) {
		if r.feed == feed {
			r.wakeUp()
		}
	})
}

// storeContext bounds one call of the store. It does not end with ctx, so that the result of
// an operation that has begun is known.
func (b *Box) storeContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), b.cfg.storeTimeout)
}

// NewSink returns a sink that stores the deliveries of a feed in the box. Its Accept
// returns when the delivery is on disk, together with others that came at the same time,
// and never waits longer than WithStoreTimeout. A write that has begun is finished even
// when ctx ends. Accept again with the same delivery is safe: it is a duplicate.
//
// NewSink fails when the feed has no usable Name, or no Decode, Key, Group or Time.
func NewSink[T any](b *Box, feed callbacks.Feed[T]) (callbacks.Sink[T], error) {
	if err := checkFeed(feed); err != nil {
		return nil, err
	}
	return sink[T]{b, feed.Name}, nil
}

type sink[T any] struct {
	box  *Box
	feed string
}

func (s sink[T]) Accept(ctx context.Context, d callbacks.Received[T]) (callbacks.Outcome, error) {
	r := d.Record
	r.Feed = s.feed
	return s.box.accept(ctx, r)
}

func (b *Box) accept(ctx context.Context, r callbacks.Record) (callbacks.Outcome, error) {
	r.Raw = bytes.Clone(r.Raw) // the write may outlive the call, the caller's buffer not
	if r.ReceivedAt.IsZero() {
		r.ReceivedAt = time.Now()
	}
	out, err := b.puts.do(ctx, r)
	if out == callbacks.OutcomeStored || out == callbacks.OutcomeAmended {
		b.wake(r.Feed)
	}
	return out, err
}

func checkFeed[T any](f callbacks.Feed[T]) error {
	switch {
	case f.Name == "" || len(f.Name) > 100 || !utf8.ValidString(f.Name) || bytes.ContainsRune([]byte(f.Name), 0):
		return fmt.Errorf("inbox: feed name %q: use 1 to 100 bytes of text", f.Name)
	case f.Decode == nil || f.Key == nil || f.Group == nil || f.Time == nil:
		return errors.New("inbox: feed " + f.Name + " lacks Decode, Key, Group or Time")
	}
	return nil
}

// storeError names the operation of the store that failed; it keeps nil.
func storeError(op string, err error) error {
	if err == nil {
		return nil
	}
	return &sqlstore.Error{Op: "inbox: " + op, Err: err}
}

// checkRecords refuses a batch with a record that could not be found again.
func checkRecords(records []callbacks.Record) error {
	for _, r := range records {
		if r.Feed == "" || r.Key.IsZero() {
			return errors.New("record without feed or key")
		}
	}
	return nil
}
