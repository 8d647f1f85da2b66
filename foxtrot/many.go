package foxtrot

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"sync"

	"github.com/lockerline/lockerline-go"
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
func (s *CustomersService) GetMany(ctx context.Context, dc DCID, ids []CustomerID, opts ...lockerline.CallOption) iter.Seq2[CustomerID, CustomerResult] {
	return func(yield func(CustomerID, CustomerResult) bool) {
		if len(ids) == 0 {
			return
		}
		cfg := lockerline.NewCallConfig(opts)
		ctx, cancel := context.WithCancelCause(ctx)
		var wg sync.WaitGroup

		workers := min(s.c.concurrency(), len(ids))
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
					slots[i%window] <- s.fetch(ctx, dc, ids[i], cfg)
				}
			})
		}
		for i, id := range ids {
			f := <-slots[i%window]
			cfg.Add(f.meta)
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
	meta   lockerline.CallMeta
}

func (s *CustomersService) fetch(ctx context.Context, dc DCID, id CustomerID, cfg lockerline.CallConfig) (f fetched) {
	cfg.Meta = &f.meta
	f.result.Customer, _, f.result.Err = read[Customer](ctx, s.c, opCustomersGet, "customer", customerArgs(dc, id), nil, cfg)
	return f
}

func (c *Client) concurrency() int {
	return cmp.Or(c.transport.Config().Concurrency, defaultConcurrency)
}
