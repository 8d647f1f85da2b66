package callbacks

import (
	"context"
	"errors"
	"sync/atomic"
	"time"
)

// receive decodes, hands the delivery to the sink and answers.
func (h *Handler[T]) receive(x *exchange, body []byte) {
	d, repaired := h.delivery(body)
	if d.Quarantined() && h.config.refuseUnread {
		h.refuse(x, ReasonUnreadable, errors.New(d.Problem))
		return
	}
	if reason, ok := h.gate.enter(); !ok {
		h.refuse(x, reason, nil)
		return
	}
	res, reason := h.store(x.r.Context(), &d)
	if reason != "" {
		h.refuse(x, reason, res.err)
		return
	}
	h.acknowledge(x, &d.Record, repaired, res)
}

// delivery reads a body. Whatever goes wrong, a panic of the feed too, makes it a delivery
// that is kept whole.
func (h *Handler[T]) delivery(body []byte) (d Received[T], repaired bool) {
	received := time.Now().UTC().Round(0)
	unreadable := func(problem string) Received[T] {
		return Received[T]{Record: Record{
			Feed: h.feed.Name, Key: RawKey(body), ReceivedAt: received, Raw: body, Problem: problem,
		}}
	}
	defer func() {
		if value := recover(); value != nil {
			d, repaired = unreadable(caught("the feed", value).Error()), false
		}
	}()
	value, err := h.feed.Decode(body)
	if err != nil {
		return unreadable(problemOf(err)), false
	}
	d = Received[T]{Value: value, Record: Record{
		Feed: h.feed.Name, Key: h.feed.Key(value), Group: h.feed.Group(value),
		Time: h.feed.Time(value), ReceivedAt: received, Raw: body,
	}}
	if h.feed.Slot != nil {
		d.Slot = h.feed.Slot(value)
	}
	return d, h.feed.Repaired != nil && h.feed.Repaired(value)
}

// problemOf is never empty, since an empty problem means that the body could be read.
func problemOf(err error) string {
	if text := err.Error(); text != "" {
		return text
	}
	return "the feed cannot read the body"
}

// result is what came of one call of the sink.
type result struct {
	outcome Outcome
	err     error
	expired bool // the store timeout was over when the sink returned
	took    time.Duration
}

// call is one call of the sink. Its two ends race for the state; the first one decides
// whether the outcome is answered or overdue.
type call struct {
	state  atomic.Int32
	done   chan struct{}
	result result
}

const (
	callReturned int32 = iota + 1
	callGivenUp
)

// store calls the sink, for the store timeout at most. The call runs in a goroutine of its
// own, since a sink that ignores its context must not keep the sender waiting; the gate
// counts it until it ends, and Shutdown waits for it. The sender's hanging up does not
// reach it: a write broken off half-way helps nobody.
func (h *Handler[T]) store(parent context.Context, d *Received[T]) (result, Reason) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(parent), h.config.storeTimeout)
	c := &call{done: make(chan struct{}), result: result{err: errGone}}
	go func() {
		defer h.gate.leave()
		defer cancel()
		defer func() {
			close(c.done)
			if !c.state.CompareAndSwap(0, callReturned) {
				h.overdue(parent, d.Record, c.result)
			}
		}()
		h.call(ctx, *d, &c.result)
	}()
	select {
	case <-c.done:
	case <-ctx.Done():
		if c.state.CompareAndSwap(0, callGivenUp) {
			return result{err: ctx.Err()}, ReasonTimeout
		}
		<-c.done
	}
	return c.result, reasonOf(c.result, d.Quarantined())
}

func (h *Handler[T]) overdue(ctx context.Context, rec Record, res result) {
	if hook := h.config.observer.Overdue; hook != nil && res.err == nil {
		defer func() { _ = recover() }()
		hook(ctx, Overdue{
			Feed: rec.Feed, Outcome: res.outcome, Key: rec.Key, Group: rec.Group, Store: res.took,
		})
	}
}

var (
	errNoOutcome = errors.New("callbacks: the sink returned neither an outcome nor an error")
	errGone      = errors.New("callbacks: the sink ended its goroutine")
)

// call runs the sink and notes whatever it does: an outcome, none, an error, a panic. When
// the sink ends its goroutine, res stays as it was.
func (h *Handler[T]) call(ctx context.Context, d Received[T], res *result) {
	start := time.Now()
	defer func() {
		if value := recover(); value != nil {
			res.err = caught("the sink", value)
		}
		res.took, res.expired = time.Since(start), ctx.Err() != nil
	}()
	res.outcome, res.err = h.sink.Accept(ctx, d)
	if res.err == nil && (res.outcome < OutcomeStored || res.outcome > OutcomeQuarantined) {
		res.err = errNoOutcome
	}
}

func reasonOf(res result, quarantined bool) Reason {
	switch {
	case res.err == nil:
		return ""
	case isPanic(res.err):
		return ReasonPanic
	case quarantined && errors.Is(res.err, ErrNoQuarantine):
		return ReasonUnreadable
	case res.expired && errors.Is(res.err, context.DeadlineExceeded):
		return ReasonTimeout
	}
	return ReasonStore
}

func isPanic(err error) bool {
	_, ok := errors.AsType[*PanicError](err)
	return ok
}
