package otel

import (
	"context"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/semconv/v1.43.0/messagingconv"

	"github.com/lockerline/lockerline-go/callbacks"
)

// system is the value of messaging.system.
const system messagingconv.SystemAttr = "lockerline"

// ReceiverObserver returns an observer that measures what a handler receives, for
// callbacks.WithObserver. The names of credentials are attributes: a sender that still
// uses an old secret is seen by its name.
func ReceiverObserver(opts ...Option) callbacks.Observer {
	m := newConfig(opts).instruments()
	consumed := made(messagingconv.NewClientConsumedMessages(m))
	refused := m.counter("lockerline.receiver.refused", "{request}", "Requests that were not acknowledged.")
	answer := m.seconds("lockerline.receiver.answer.duration", "Until the answer.", short...)
	store := m.seconds("lockerline.receiver.store.duration", "In the sink.", short...)
	size := made(m.Int64Histogram("lockerline.receiver.body.size", metric.WithUnit("By"),
		metric.WithDescription("Bodies of acknowledged callbacks."),
		metric.WithExplicitBucketBoundaries(256, 512, 1<<10, 2<<10, 4<<10, 8<<10, 16<<10, 32<<10, 64<<10)))
	heard := m.silence()
	return callbacks.Observer{
		Accepted: func(ctx context.Context, e callbacks.Accepted) {
			heard(e.Feed)
			feed := semconv.MessagingDestinationName(e.Feed)
			consumed.Add(ctx, 1, "receive", system, feed, attribute.String("lockerline.outcome", e.Outcome.String()),
				attribute.String("lockerline.credential", e.Credential), attribute.Bool("lockerline.repaired", e.Repaired))
			answer.record(ctx, e.Total, feed, semconv.HTTPResponseStatusCode(200))
			store.record(ctx, e.Store, feed)
			size.Record(ctx, int64(e.Size), metric.WithAttributes(feed))
		},
		Refused: func(ctx context.Context, e callbacks.Refused) {
			feed := semconv.MessagingDestinationName(e.Feed)
			if e.Credential != "" {
				heard(e.Feed) // by a sender that is known
			}
			refused.Add(ctx, 1, metric.WithAttributes(feed, attribute.String("lockerline.reason", string(e.Reason)),
				attribute.String("lockerline.credential", e.Credential), semconv.HTTPResponseStatusCode(e.Status)))
			answer.record(ctx, e.Total, feed, semconv.HTTPResponseStatusCode(e.Status))
		},
	}
}

// silence makes the gauge of how long no request came by a feed that was heard before.
func (m instruments) silence() (heard func(feed string)) {
	var mu sync.Mutex
	last := map[string]time.Time{}
	made(m.Float64ObservableGauge("lockerline.receiver.silence", metric.WithUnit("s"),
		metric.WithDescription("Since a feed's last request by a known sender."),
		metric.WithFloat64Callback(func(_ context.Context, o metric.Float64Observer) error {
			mu.Lock()
			defer mu.Unlock()
			for feed, at := range last {
				o.Observe(time.Since(at).Seconds(), metric.WithAttributes(semconv.MessagingDestinationName(feed)))
			}
			return nil
		})))
	return func(feed string) {
		mu.Lock()
		defer mu.Unlock()
		last[feed] = time.Now()
	}
}
