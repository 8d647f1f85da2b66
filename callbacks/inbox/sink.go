package inbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/lockerline/lockerline-go/callbacks"
)

// Sink takes the deliveries of a feed into the box. Its Accept returns when the delivery
// is on disk, together with others that came at the same time, and never waits longer
// than WithStoreTimeout. A write that has begun is finished even when ctx ends. Accept
// again with the same delivery is safe: it is a Duplicate.
//
// Panics when the feed has no usable name, Decode, Key, Group or Time, which is a mistake
// in the program.
func Sink[T any](b *Box, feed callbacks.Feed[T]) callbacks.Sink[T] {
	if err := checkFeed(feed); err != nil {
		panic(err)
	}
	return sink[T]{b, feed}
}

type sink[T any] struct {
	box  *Box
	feed callbacks.Feed[T]
}

// Accept implements callbacks.Sink.
func (s sink[T]) Accept(ctx context.Context, d callbacks.Received[T]) (callbacks.Outcome, error) {
	r := d.Record
	r.Feed = s.feed.Name
	r.Raw = bytes.Clone(r.Raw) // the write may outlive the call, the caller's buffer not
	if r.ReceivedAt.IsZero() {
		r.ReceivedAt = time.Now()
	}
	start := time.Now()
	out, err := s.box.puts.do(ctx, r)
	o := s.box.cfg.observer
	if err != nil {
		if o.Refused != nil {
			o.Refused(r.Feed, err)
		}
		return 0, err
	}
	if out == callbacks.OutcomeStored || out == callbacks.OutcomeAmended {
		s.box.wake(r.Feed)
	}
	if o.Accepted != nil {
		o.Accepted(AcceptInfo{Feed: r.Feed, Outcome: out, Took: time.Since(start)})
	}
	return out, nil
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
