package inbox

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/sqlstore"
)

var errExited = errors.New("handler ended its goroutine")

// work calls the handler for one callback and settles it, even when the handler ends the
// goroutine.
func (r *runner) work(ctx context.Context, item Item) {
	try := Handled{
		Feed: item.Feed, ID: item.Lease.ID, Attempt: item.Attempt, Late: item.Late, Amended: item.Amended,
		Age: time.Since(item.ReceivedAt),
	}
	if item.Attempt > r.cfg.tries {
		try.Err = fmt.Errorf("%d tries, the last of which never ended", item.Attempt-1)
	}
	if try.Err != nil || item.Late && r.cfg.skipLate {
		r.settle(ctx, item, try, false)
		return
	}
	start, done := time.Now(), false
	try.Err = errExited
	defer func() {
		try.Took = time.Since(start)
		if o := r.box.cfg.observer; o.Handled != nil {
			o.Handled(ctx, try)
		}
		r.settle(ctx, item, try, done)
	}()
	done, try.Err = r.call(ctx, item)
}

func (r *runner) call(ctx context.Context, item Item) (done bool, err error) {
	defer func() {
		if v := recover(); v != nil {
			done, err = false, &callbacks.PanicError{Op: "the handler", Value: v, Stack: debug.Stack()}
		}
	}()
	return r.handle(ctx, item)
}

// settle stores the result of a try.
func (r *runner) settle(ctx context.Context, item Item, try Handled, done bool) {
	cause := context.Cause(ctx)
	_, permanent := errors.AsType[*permanentError](try.Err)
	switch {
	case done:
	case try.Err == nil:
		r.retryUntilSettled("done", func(ctx context.Context) error {
			lost, err := r.box.dones.do(ctx, item.Lease)
			if err == nil && lost {
				err = ErrLeaseLost
			}
			return err
		})
	case errors.Is(cause, ErrLeaseLost), errors.Is(try.Err, ErrLeaseLost):
		r.box.storeFailed(ctx, "handle", ErrLeaseLost)
	case errors.Is(cause, ErrDraining):
		r.giveBack(item)
	case permanent || item.Attempt >= r.cfg.tries:
		r.retryUntilSettled("dead letter", func(ctx context.Context) error {
			return r.box.store.Dead(ctx, item.Lease, reasonText(try.Err), r.cfg.hold)
		})
		if o := r.box.cfg.observer; o.Dead != nil {
			o.Dead(ctx, try)
		}
	default:
		pause := r.cfg.pause(item.Attempt)
		r.retryUntilSettled("retry", func(ctx context.Context) error {
			return r.box.store.Retry(ctx, item.Lease, pause, reasonText(try.Err))
		})
		time.AfterFunc(pause, r.wakeUp)
	}
}

// reasonText is never empty: an empty reason means that the callback was not tried.
func reasonText(err error) string {
	if text := sqlstore.OneLine(err.Error()); text != "" {
		return text
	}
	return "handler failed without a text"
}

// giveBack returns a callback without counting the try.
func (r *runner) giveBack(item Item) {
	r.retryUntilSettled("give back", func(ctx context.Context) error {
		return r.box.store.Retry(ctx, item.Lease, 0, "")
	})
}

// retryUntilSettled repeats an operation of the store until it succeeds, the lease is lost
// or the run ends. Nothing is lost when it never succeeds: the lease runs out, and the
// callback is handed over again.
func (r *runner) retryUntilSettled(op string, do func(context.Context) error) {
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		ctx, cancel := r.box.storeContext(r.handling)
		err := do(ctx)
		cancel()
		if err == nil {
			return
		}
		r.box.storeFailed(r.handling, op, err)
		if errors.Is(err, ErrLeaseLost) || errors.Is(err, ErrClosed) {
			return
		}
		select {
		case <-time.After(pause):
		case <-r.handling.Done():
			return
		}
	}
}

// keepLeases renews the leases of handlers at work until ctx ends.
func (r *runner) keepLeases(ctx context.Context) {
	every(ctx, max(r.cfg.lease/3, time.Millisecond), func() { r.renew(ctx) })
}

// renew renews the leases of the handlers at work. It ends the context of a handler whose
// lease is lost, or may be lost since the store does not answer.
func (r *runner) renew(ctx context.Context) {
	r.mu.Lock()
	leases := slices.Collect(maps.Keys(r.active))
	r.mu.Unlock()
	if len(leases) == 0 {
		return
	}
	start := time.Now()
	call, cancel := r.box.storeContext(ctx)
	defer cancel()
	lost, err := r.box.store.Renew(call, r.cfg.lease, leases...)
	if err != nil {
		r.box.storeFailed(ctx, "renew", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, l := range leases {
		a := r.active[l]
		switch {
		case a == nil:
		case slices.Contains(lost, l), err != nil && time.Since(a.renewed) >= r.cfg.lease:
			a.cancel(ErrLeaseLost)
		case err == nil:
			a.renewed = start
		}
	}
}
