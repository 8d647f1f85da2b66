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

// NewSink returns a sink that stores the deliveries of a feed in the box. Its Accept
// returns when the delivery is on disk, together with others that came at the same time,
// and never waits longer than WithStoreTimeout. A write that has begun is finished even
// when ctx ends. Accept again with the same delivery is safe: it is a duplicate.
//
// NewSink fails when the feed has no usable Name, or no Decode, Key, Group or Time.
func NewSink[T any](b *Box, feed callbacks.Feed[T]) (callbacks.Sink[T], error) {
	if err := checkFeed(feed); err != nil {
		return nil, err
	}
	return callbacks.SinkFunc[T](func(ctx context.Context, d callbacks.Received[T]) (callbacks.Outcome, error) {
		r := d.Record
		r.Feed = feed.Name
		return b.accept(ctx, r)
	}), nil
}

func (b *Box) accept(ctx context.Context, r callbacks.Record) (callbacks.Outcome, error) {
	r.Raw = bytes.Clone(r.Raw) // the write may outlive the call, the caller's buffer not
	if r.ReceivedAt.IsZero() {
		r.ReceivedAt = time.Now()
	}
	out, err := b.puts.do(ctx, r)
	if out == callbacks.OutcomeStored || out == callbacks.OutcomeAmended {
		b.wake(r.Feed)
	}
	return out, err
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
