package otel

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/semconv/v1.43.0/messagingconv"

	"github.com/lockerline/lockerline-go/callbacks/inbox"
)

// InboxObserver returns an observer that measures how callbacks are handled, for
// inbox.WithObserver.
func InboxObserver(opts ...Option) inbox.Observer {
	m := newConfig(opts).instruments()
	process := made(messagingconv.NewProcessDuration(m, metric.WithExplicitBucketBoundaries(short...)))
	age := m.seconds("lockerline.inbox.age", "Of a callback when it was handled.", long...)
	dead := m.counter("lockerline.inbox.dead", "{message}", "Callbacks put aside after their last try.")
	failures := m.counter("lockerline.inbox.store_failures", "{failure}", "Operations of the store that failed in the background.")
	return inbox.Observer{
		Handled: func(ctx context.Context, e inbox.Handled) {
			feed := semconv.MessagingDestinationName(e.Feed)
			attrs := []attribute.KeyValue{
				feed, attribute.Bool("lockerline.late", e.Late), attribute.Bool("lockerline.amended", e.Amended),
			}
			if e.Err != nil {
				attrs = append(attrs, semconv.ErrorTypeOther)
			}
			process.Record(ctx, e.Took.Seconds(), "process", system, attrs...)
			if e.Err == nil {
				age.record(ctx, e.Age, feed)
			}
		},
		Dead: func(ctx context.Context, e inbox.Handled) {
			dead.Add(ctx, 1, metric.WithAttributes(semconv.MessagingDestinationName(e.Feed)))
		},
		StoreFailed: func(ctx context.Context, e inbox.StoreFailed) {
			failures.Add(ctx, 1, metric.WithAttributes(attribute.String("lockerline.store.operation", e.Op)))
		},
	}
}

// WatchInbox makes gauges of what feeds have in an inbox; without a feed, of all together.
// Each collection asks the store once a feed. A store that fails is reported to
// OpenTelemetry's error handler, and its gauges are left out. The function that it returns
// ends that; call it before the box is closed.
func WatchInbox(box *inbox.Box, feeds []string, opts ...Option) (stop func() error, err error) {
	m := newConfig(opts).instruments()
	gauges := make([]metric.Int64ObservableGauge, len(inboxGauges))
	observed := make([]metric.Observable, len(gauges))
	for i, g := range inboxGauges {
		gauges[i] = made(m.Int64ObservableGauge(g.name, metric.WithUnit(g.unit), metric.WithDescription(g.what)))
		observed[i] = gauges[i]
	}
	if len(feeds) == 0 {
		feeds = []string{""}
	}
	r, err := m.RegisterCallback(func(ctx context.Context, o metric.Observer) error {
		for _, feed := range feeds {
			s, err := box.Stats(ctx, feed)
			if err != nil {
				return err
			}
			var attrs []attribute.KeyValue
			if feed != "" {
				attrs = append(attrs, semconv.MessagingDestinationName(feed))
			}
			for i, g := range inboxGauges {
				o.ObserveInt64(gauges[i], g.value(s), metric.WithAttributes(attrs...))
			}
		}
		return nil
	}, observed...)
	if err != nil {
		return nil, err
	}
	return r.Unregister, nil
}

// inboxGauges are the gauges of WatchInbox.
var inboxGauges = []struct {
	name, unit, what string
	value            func(inbox.Stats) int64
}{
	{"lockerline.inbox.depth", "{message}", "Callbacks that wait or are being handled.", func(s inbox.Stats) int64 { return int64(s.Depth) }},
	{"lockerline.inbox.oldest_age", "s", "Since the oldest of them was received.", func(s inbox.Stats) int64 { return int64(s.OldestAge.Seconds()) }},
	{"lockerline.inbox.dead_letters", "{message}", "Callbacks that were put aside.", func(s inbox.Stats) int64 { return int64(s.Dead) }},
	{"lockerline.inbox.quarantined", "{message}", "Bodies that could not be read.", func(s inbox.Stats) int64 { return int64(s.Quarantined) }},
	{"lockerline.inbox.held_groups", "{group}", "Groups that wait for their dead letter.", func(s inbox.Stats) int64 { return int64(s.Held) }},
}
