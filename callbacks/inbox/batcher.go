package inbox

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// batcher is group commit without a timer: while one batch is written the next one
// gathers, so a lone call does not wait and many calls share one flush of the disk. Its
// goroutine exists only while calls are pending.
type batcher[In, Out any] struct {
	timeout    time.Duration // of one call, and of one flush
	maxPending int
	maxBytes   int
	size       func(In) int
	flush      func(context.Context, []In) ([]Out, error)

	mu      sync.Mutex
	pending []*batched[In, Out]
	bytes   int
	running bool
	closed  bool
	idle    sync.WaitGroup
}

func newBatcher[In, Out any](cfg config, size func(In) int, flush func(context.Context, []In) ([]Out, error)) *batcher[In, Out] {
	return &batcher[In, Out]{
		timeout: cfg.storeTimeout, maxPending: cfg.maxPending, maxBytes: cfg.maxBytes, size: size, flush: flush,
	}
}

type batched[In, Out any] struct {
	in      In
	out     Out
	err     error
	settled chan struct{}
	gone    bool // its caller stopped waiting
}

// do adds in to a batch and waits for its part of the answer, at most for the timeout. The
// flush goes on when ctx ends or the time is over: other calls share it.
func (b *batcher[In, Out]) do(ctx context.Context, in In) (out Out, err error) {
	call := &batched[In, Out]{in: in, settled: make(chan struct{})}
	if err := b.enter(call); err != nil {
		return out, err
	}
	limit := time.NewTimer(b.timeout)
	defer limit.Stop()
	select {
	case <-call.settled:
		return call.out, call.err
	case <-limit.C:
		err = ErrStoreTimeout
	case <-ctx.Done():
		err = fmt.Errorf("%w: %w", ErrStoreTimeout, context.Cause(ctx))
	}
	b.mu.Lock()
	call.gone = true
	b.mu.Unlock()
	return out, err
}

func (b *batcher[In, Out]) enter(call *batched[In, Out]) error {
	size := b.size(call.in)
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return ErrClosed
	}
	if len(b.pending) >= b.maxPending || b.bytes+size > b.maxBytes {
		return ErrFull
	}
	b.pending = append(b.pending, call)
	b.bytes += size
	if !b.running {
		b.running = true
		b.idle.Go(b.run)
	}
	return nil
}

// run flushes until no call is pending.
func (b *batcher[In, Out]) run() {
	for {
		batch := b.next()
		if len(batch) == 0 {
			return
		}
		b.write(batch)
		for _, call := range batch {
			close(call.settled)
		}
	}
}

// next takes the pending calls of one batch. It drops those whose caller has gone.
func (b *batcher[In, Out]) next() []*batched[In, Out] {
	b.mu.Lock()
	defer b.mu.Unlock()
	var batch []*batched[In, Out]
	taken, bytes := 0, 0
	for _, call := range b.pending {
		size := b.size(call.in)
		if len(batch) == maxBatch || len(batch) > 0 && bytes+size > maxBatchBytes {
			break
		}
		taken++
		b.bytes -= size
		if !call.gone {
			batch = append(batch, call)
			bytes += size
		}
	}
	b.pending = slices.Delete(b.pending, 0, taken)
	if len(batch) == 0 {
		b.running = false
	}
	return batch
}

// write flushes a batch. When that fails it flushes each call alone, so that one record
// that the database refuses does not fail the others. After two failures in a row it stops:
// then the database itself fails.
func (b *batcher[In, Out]) write(batch []*batched[In, Out]) {
	ctx, cancel := context.WithTimeout(context.Background(), b.timeout)
	defer cancel()
	err := b.flushInto(ctx, batch)
	if err == nil || len(batch) == 1 || ctx.Err() != nil {
		return
	}
	for i, failures := 0, 0; i < len(batch) && failures < 2 && ctx.Err() == nil; i++ {
		if b.flushInto(ctx, batch[i:i+1]) != nil {
			failures++
		} else {
			failures = 0
		}
	}
}

// flushInto flushes calls and gives each its result; a panic of the store is an error.
func (b *batcher[In, Out]) flushInto(ctx context.Context, batch []*batched[In, Out]) (err error) {
	ins := make([]In, len(batch))
	for i, call := range batch {
		ins[i] = call.in
	}
	var outs []Out
	func() {
		defer func() {
			if r := recover(); r != nil {
				err = fmt.Errorf("inbox: store panicked: %v", r)
			}
		}()
		outs, err = b.flush(ctx, ins)
	}()
	if err == nil && len(outs) != len(ins) {
		err = fmt.Errorf("inbox: store answered %d of %d records", len(outs), len(ins))
	}
	for i, call := range batch {
		if call.err = err; err == nil {
			call.out = outs[i]
		}
	}
	return err
}

// close refuses further calls and waits for the flushes under way.
func (b *batcher[In, Out]) close() {
	b.mu.Lock()
	b.closed = true
	b.mu.Unlock()
	b.idle.Wait()
}
