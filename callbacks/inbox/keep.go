package inbox

import (
	"context"
	"time"
)

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

// keepLeases renews the leases of handlers at work until ctx ends.
func (r *runner) keepLeases(ctx context.Context) {
	tick := time.NewTicker(max(r.cfg.lease/3, time.Millisecond))
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			r.renew(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// renew renews what is at work. A handler whose lease was lost, or may have been since the
// store does not answer, is told to stop.
func (r *runner) renew(ctx context.Context) {
	var leases []Lease
	r.mu.Lock()
	for l := range r.active {
		leases = append(leases, l)
	}
	r.mu.Unlock()
	if len(leases) == 0 {
		return
	}
	start := time.Now()
	call, cancel := r.box.storeContext(ctx)
	defer cancel()
	lost, err := r.box.store.Renew(call, r.cfg.lease, leases...)
	if err != nil {
		r.box.storeFailed("renew", err)
	}
	gone := make(map[Lease]bool, len(lost))
	for _, l := range lost {
		gone[l] = true
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range leases {
		a := r.active[l]
		switch {
		case a == nil:
		case gone[l], err != nil && time.Since(a.renewed) >= r.cfg.lease:
			a.cancel(ErrLeaseLost)
		case err == nil:
			a.renewed = start
		}
	}
}

const (
	pruneEvery = time.Hour
	pruneBatch = 500 // rows a transaction: Accept waits for no more
)

// keepPruned deletes what has been handled and kept for long enough, until ctx ends.
func (b *Box) keepPruned(ctx context.Context) {
	if b.cfg.retention == 0 {
		return
	}
	tick := time.NewTicker(pruneEvery)
	defer tick.Stop()
	for {
		if _, err := b.Prune(ctx, b.cfg.retention); err != nil && ctx.Err() == nil {
			b.storeFailed("prune", err)
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
