package watermill

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/ThreeDotsLabs/watermill/message"

	"github.com/lockerline/lockerline-go/callbacks"
	"github.com/lockerline/lockerline-go/callbacks/inbox"
)

// Forward publishes the feed's callbacks to a topic until ctx ends or the box is closed,
// and is inbox.Run with [Publish] otherwise. While the broker is down it tries again, with
// the back-off of inbox.WithBackoff and without end, since giving up would break the
// order; inbox.WithTries among the options changes that.
//
// The publisher must return only when the broker has the message for good: JetStream
// without AckAsync, Kafka with all in-sync replicas, AMQP with confirms. When the broker
// has a message but its confirmation is lost, the callback counts as not yet published: an
// older change that arrives before the next try is published after it, and not as late.
func Forward[T any](ctx context.Context, b *inbox.Box, feed callbacks.Feed[T], p message.Publisher, topic string,
	opts ...inbox.RunOption,
) error {
	if p == nil || topic == "" {
		return errors.New("watermill: forward: give a publisher and a topic")
	}
	opts = append([]inbox.RunOption{inbox.WithTries(math.MaxInt32)}, opts...)
	return inbox.Run(ctx, b, feed, Publish[T](p, func(inbox.Event[T]) string { return topic }), opts...)
}

// Publish makes a handler that publishes each callback to the topic chosen for it, such as
// one a group for JetStream subjects. Callbacks for which topic returns "" are handled
// without being published.
func Publish[T any](p message.Publisher, topic func(inbox.Event[T]) string) inbox.Handler[T] {
	return func(ctx context.Context, e inbox.Event[T]) error {
		to := topic(e)
		if to == "" {
			return nil
		}
		if err := p.Publish(to, NewMessage(ctx, e)); err != nil {
			return fmt.Errorf("watermill: publish to %s: %w", to, err)
		}
		return nil
	}
}
