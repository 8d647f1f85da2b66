package inbox

import (
	"context"
	"database/sql"
	"errors"
	"sync"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/sqlstore"
)

// Box is an inbox: deliveries go in through Sink and come out through Run or HandleTx, in
// this process or in another that opened the same database. Safe for concurrent use.
type Box struct {
	store Store
	cfg   config
	puts  *batcher[callbacks.Record, callbacks.Outcome]
	dones *batcher[Lease, bool] // true: the lease was lost

	mu     sync.Mutex
	closed bool
	runs   map[*runControl]struct{}
	wakes  map[chan struct{}]string // by waiting run, the feed it waits for
	ending sync.WaitGroup           // runs

	release func()
}

// Open makes an inbox of a database that the caller opened with a driver of its choice,
// and keeps owning: Close does not close it. Missing tables are made, older ones brought
// up to date. A database that cannot be used is a *sqlstore.OpenError.
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
	b := &Box{
		store: store, cfg: cfg, release: release,
		runs: make(map[*runControl]struct{}), wakes: make(map[chan struct{}]string),
	}
	b.puts = &batcher[callbacks.Record, callbacks.Outcome]{
		timeout: cfg.storeTimeout, maxPending: cfg.maxPending, maxBytes: cfg.maxBytes,
		size:  func(r callbacks.Record) int { return len(r.Raw) },
		flush: store.Put,
	}
	b.dones = &batcher[Lease, bool]{
		timeout: cfg.storeTimeout, maxPending: cfg.maxPending, maxBytes: cfg.maxBytes,
		size:  func(Lease) int { return 0 },
		flush: b.flushDone,
	}
	return b
}

// Store is the store beneath, for what the box does not offer.
func (b *Box) Store() Store { return b.store }

func (b *Box) flushDone(ctx context.Context, leases []Lease) ([]bool, error) {
	lost, err := b.store.Done(ctx, leases...)
	if err != nil {
		return nil, err
	}
	gone := make(map[Lease]bool, len(lost))
	for _, l := range lost {
		gone[l] = true
	}
	out := make([]bool, len(leases))
	for i, l := range leases {
		out[i] = gone[l]
	}
	return out, nil
}

// Close ends the box in good order. Deliveries are refused from now on, what was being
// written is finished, and every Run ends as if its context had ended: the handlers at
// work may finish while ctx and the drain time last. What is not handled by then stays
// stored. Shut the HTTP server down first, so that no sender is refused. Close again does
// no harm.
func (b *Box) Close(ctx context.Context) error {
	b.mu.Lock()
	first := !b.closed
	b.closed = true
	for r := range b.runs {
		r.stop()
	}
	b.mu.Unlock()

	done := make(chan struct{})
	go func() {
		defer close(done)
		b.puts.close()
		b.ending.Wait()
		b.dones.close()
		if first {
			b.release()
		}
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
	}
	b.mu.Lock()
	for r := range b.runs {
		r.abort()
	}
	b.mu.Unlock()
	return errors.Join(ErrDrainTimeout, context.Cause(ctx))
}

// watch returns a channel that gets a value whenever the feed may have something new.
func (b *Box) watch(feed string) (wake chan struct{}, end func()) {
	wake = make(chan struct{}, 1)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.wakes[wake] = feed
	return wake, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.wakes, wake)
	}
}

// wake tells the runs of this process that the feed has something new.
func (b *Box) wake(feed string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for ch, f := range b.wakes {
		if f == feed {
			nudge(ch)
		}
	}
}

func nudge(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

// storeContext bounds one call of the store. It does not end with ctx: an operation of the
// store that was begun is worth its result.
func (b *Box) storeContext(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), b.cfg.storeTimeout)
}

// enlist makes a run known to Close.
func (b *Box) enlist(c *runControl) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return ErrClosed
	}
	b.runs[c] = struct{}{}
	b.ending.Add(1)
	return nil
}

func (b *Box) dismiss(c *runControl) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.runs, c)
	b.ending.Done()
}
