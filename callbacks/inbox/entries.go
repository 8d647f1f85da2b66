package inbox

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/lockerline/lockerline-go/callbacks"
)

// List returns stored callbacks in the order of arrival, a page at a time; see Filter.
func (b *Box) List(ctx context.Context, f Filter) ([]Entry, error) { return b.store.List(ctx, f) }

// Stats counts what is stored of a feed, or of all with an empty name.
func (b *Box) Stats(ctx context.Context, feed string) (Stats, error) { return b.store.Stats(ctx, feed) }

// Resume lets a held group go on without its dead letter. Safe to repeat.
func (b *Box) Resume(ctx context.Context, feed, group string) error {
	if err := b.store.Resume(ctx, feed, group); err != nil {
		return err
	}
	b.wake(feed)
	return nil
}

// Prune deletes callbacks that were received and settled longer ago than age, and returns
// how many: the handled ones, or those in the given states. Their keys are forgotten, so
// age must be longer than senders may go on repeating. Waiting ones are never deleted.
func (b *Box) Prune(ctx context.Context, age time.Duration, states ...State) (int, error) {
	if age < 0 {
		return 0, fmt.Errorf("inbox: prune: age %v is negative", age)
	}
	if len(states) == 0 {
		states = []State{StateHandled}
	}
	for total := 0; ; {
		n, err := b.store.Prune(ctx, age, pruneBatch, states...)
		total += n
		if err != nil || n < pruneBatch {
			return total, err
		}
	}
}

// Requeued counts the callbacks given to Requeue.
type Requeued struct {
	Waiting    int     // to be handled again
	Duplicates int     // read now, and known by their key
	Unreadable []int64 // IDs that stay in quarantine
}

// Requeue makes callbacks of a feed wait again, with no tries counted: dead letters, handled
// ones, and quarantined ones that the feed can read by now. A held group goes on with its
// dead letter. A callback that follows a newer handled change is Late. Requeue stops at the
// first error, which is ErrNotFound for an unknown ID. Safe to repeat.
func Requeue[T any](ctx context.Context, b *Box, feed callbacks.Feed[T], ids ...int64) (done Requeued, err error) {
	if err := checkFeed(feed); err != nil {
		return done, err
	}
	for _, id := range ids {
		out, err := requeue(ctx, b, feed, id)
		if err != nil {
			return done, fmt.Errorf("inbox: requeue %d: %w", id, err)
		}
		switch out {
		case callbacks.OutcomeDuplicate:
			done.Duplicates++
		case callbacks.OutcomeQuarantined:
			done.Unreadable = append(done.Unreadable, id)
		default:
			done.Waiting++
		}
	}
	if done.Waiting > 0 {
		b.wake(feed.Name)
	}
	return done, nil
}

func requeue[T any](ctx context.Context, b *Box, feed callbacks.Feed[T], id int64) (callbacks.Outcome, error) {
	entry, err := b.entry(ctx, feed.Name, id)
	if err != nil {
		return 0, err
	}
	var decoded *callbacks.Record
	if entry.State == StateQuarantined {
		decoded = decode(feed, entry.Record)
	}
	return b.store.Requeue(ctx, id, decoded)
}

// entry finds one callback of a feed.
func (b *Box) entry(ctx context.Context, feed string, id int64) (Entry, error) {
	found, err := b.store.List(ctx, Filter{After: id - 1, Limit: 1})
	if err != nil {
		return Entry{}, err
	}
	if len(found) == 0 || found[0].ID != id {
		return Entry{}, ErrNotFound
	}
	if found[0].Feed != feed {
		return Entry{}, errors.New("belongs to feed " + found[0].Feed)
	}
	return found[0], nil
}

// decode reads a quarantined record again; nil when the feed still cannot read it.
func decode[T any](feed callbacks.Feed[T], r callbacks.Record) *callbacks.Record {
	v, err := feed.Decode(r.Raw)
	if err != nil {
		return nil
	}
	r.Problem = ""
	r.Key, r.Group, r.Time = feed.Key(v), feed.Group(v), feed.Time(v)
	r.Slot = callbacks.Key{}
	if feed.Slot != nil {
		r.Slot = feed.Slot(v)
	}
	return &r
}

const (
	pruneEvery = time.Hour
	pruneBatch = 500 // rows a transaction: Accept waits for no more
)

// keepPruned deletes callbacks whose retention is over, until ctx ends.
func (b *Box) keepPruned(ctx context.Context) {
	prune := func() {
		if _, err := b.Prune(ctx, b.cfg.retention); err != nil && ctx.Err() == nil {
			b.storeFailed(ctx, "prune", err)
		}
	}
	if b.cfg.retention > 0 {
		prune()
		every(ctx, pruneEvery, prune)
	}
}

// every calls fn once an interval, until ctx ends.
func every(ctx context.Context, interval time.Duration, fn func()) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
			fn()
		case <-ctx.Done():
			return
		}
	}
}
