package foxtrot

import (
	"context"
	"errors"
	"iter"
	"sync"
)

// CustomerResult is one customer of GetMany: either Customer or Err is nil.
type CustomerResult struct {
	Customer *Customer
	Err      error
}

// lookahead is how many answers per call in flight may wait behind a slow one.
const lookahead = 4

// GetMany gets many customers of one DC, at most 8 at a time (WithConcurrency), and yields
// each with its id in the order of ids, as soon as it and those before it are there. A
// failure concerns its own id alone; a repeated id is asked for again.
//
// When ctx ends, GetMany sends nothing more and yields each remaining id with an error that
// matches ctx.Err(), so that every id has exactly one result. Breaking out of the loop ends
// the calls in flight; nothing is running when the loop is over. GetMany sends nothing
// before the loop begins, and each loop over the sequence asks again.
//
// Safe to repeat. Options apply to each call; Meta adds up the calls whose result was
// yielded.
func (s *CustomersService) GetMany(ctx context.Context, dc DCID, ids []CustomerID, opts ...CallOption) iter.Seq2[CustomerID, CustomerResult] {
	return func(yield func(CustomerID, CustomerResult) bool) {
		if len(ids) == 0 {
			return
		}
		cs := settingsOf(opts)
		ctx, cancel := context.WithCancelCause(ctx)
		var wg sync.WaitGroup

		workers := min(s.c.settings.concurrency, len(ids))
		window := min(workers*lookahead, len(ids))
		slots := make([]chan fetched, window)
		for i := range slots {
			slots[i] = make(chan fetched, 1)
		}
		jobs := make(chan int, window) // at most window jobs are started and not yet yielded
		for i := range window {
			jobs <- i
		}
		defer wg.Wait()
		defer close(jobs)
		defer cancel(errLoopOver)
		for range workers {
			wg.Go(func() {
				for i := range jobs {
					if context.Cause(ctx) == errLoopOver {
						return
					}
					slots[i%window] <- s.fetch(ctx, dc, ids[i], cs)
				}
			})
		}
		for i, id := range ids {
			f := <-slots[i%window]
			cs.add(f.meta)
			if next := i + window; next < len(ids) {
				jobs <- next
			}
			if !yield(id, f.result) {
				return
			}
		}
	}
}

var errLoopOver = errors.New("the loop over GetMany is over")

type fetched struct {
	result CustomerResult
	meta   CallMeta
}

func (s *CustomersService) fetch(ctx context.Context, dc DCID, id CustomerID, cs callSettings) (f fetched) {
	cs.meta = &f.meta
	f.result.Customer, _, f.result.Err = read[Customer](ctx, s.c, opCustomersGet, "customer", customerArgs(dc, id), nil, &cs)
	return f
}
