package inbox

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/lockerline/lockerline-go/sqlstore"
)

var errExited = errors.New("handler ended its goroutine")

// work has one callback handled and settles it, even when the handler ends the goroutine.
func (r *runner) work(ctx context.Context, item Item) {
	info := HandleInfo{
		Feed: item.Feed, ID: item.Lease.ID, Attempt: item.Attempt, Late: item.Late, Amended: item.Amended,
		Age: time.Since(item.ReceivedAt),
	}
	if item.Attempt > r.cfg.tries {
		info.Err = fmt.Errorf("%d tries, the last of which never ended", item.Attempt-1)
		r.settle(ctx, item, info, false)
		return
	}
	if item.Late && r.cfg.skipLate {
		r.settle(ctx, item, info, false)
		return
	}
	start, done := time.Now(), false
	info.Err = errExited
	defer func() {
		info.Took = time.Since(start)
		if o := r.box.cfg.observer; o.Handled != nil {
			o.Handled(info)
		}
		r.settle(ctx, item, info, done)
	}()
	done, info.Err = r.call(ctx, item)
}

func (r *runner) call(ctx context.Context, item Item) (done bool, err error) {
	defer func() {
		if v := recover(); v != nil {
			done, err = false, &PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return r.handle(ctx, item)
}

// settle tells the store what became of the callback.
func (r *runner) settle(ctx context.Context, item Item, info HandleInfo, done bool) {
	cause := context.Cause(ctx)
	_, permanent := errors.AsType[*permanentError](info.Err)
	switch {
	case done:
	case info.Err == nil:
		r.insist("done", func(ctx context.Context) error {
			lost, err := r.box.dones.do(ctx, item.Lease)
			if err == nil && lost {
				err = ErrLeaseLost
			}
			return err
		})
	case errors.Is(cause, ErrLeaseLost), errors.Is(info.Err, ErrLeaseLost):
		r.box.storeFailed("handle", ErrLeaseLost)
	case errors.Is(cause, ErrDraining):
		r.giveBack(item)
	case permanent || item.Attempt >= r.cfg.tries:
		r.insist("dead letter", func(ctx context.Context) error {
			return r.box.store.Dead(ctx, item.Lease, reasonText(info.Err), r.cfg.hold)
		})
		if o := r.box.cfg.observer; o.Dead != nil {
			o.Dead(info)
		}
	default:
		pause := r.cfg.pause(item.Attempt)
		r.insist("retry", func(ctx context.Context) error {
			return r.box.store.Retry(ctx, item.Lease, pause, reasonText(info.Err))
		})
		r.pauseUntil(time.Now().Add(pause))
	}
}

// reasonText is never empty, which would mean that the callback was not tried.
func reasonText(err error) string {
	if text := sqlstore.OneLine(err.Error()); text != "" {
		return text
	}
	return "handler failed without a text"
}

// giveBack returns a callback that was not really tried.
func (r *runner) giveBack(item Item) {
	r.insist("give back", func(ctx context.Context) error {
		return r.box.store.Retry(ctx, item.Lease, 0, "")
	})
}

// insist repeats an operation of the store until it succeeds, the lease is lost or the run
// is to end. Nothing is lost when it never does: the lease runs out, and the callback is
// handed over again.
func (r *runner) insist(op string, do func(context.Context) error) {
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 5*time.Second) {
		ctx, cancel := r.box.storeContext(r.handling)
		err := do(ctx)
		cancel()
		if err == nil {
			return
		}
		r.box.storeFailed(op, err)
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
