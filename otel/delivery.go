package otel

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/lockerline/lockerline-go/harbor/delivery"
)

const phaseKey = attribute.Key("lockerline.phase")

// DeliveryObserver returns an observer that measures deliveries, for delivery.WithObserver.
func DeliveryObserver(opts ...Option) delivery.Observer {
	m := newConfig(opts).instruments()
	open := m.gauge("lockerline.delivery.open", "{delivery}", "Open deliveries by phase.")
	moved := m.counter("lockerline.delivery.transitions", "{transition}", "Deliveries that went from one phase to another.")
	lasted := m.seconds("lockerline.delivery.phase.duration", "How long a phase lasted.", long...)
	looks := m.seconds("lockerline.delivery.look.duration", "One look at Harbor.", short...)
	looked := m.counter("lockerline.delivery.looked", "{delivery}", "Deliveries that were looked at.")
	delay := m.seconds("lockerline.delivery.notice.delay", "From what happened to the application.", long...)
	unknown := m.gauge("lockerline.delivery.unknown_lockers", "{locker}", "Lockers of ours that no delivery knows.")
	ctx := context.Background() // an observer has none
	return delivery.Observer{
		Open: func(byPhase map[delivery.Phase]int) {
			for phase, n := range byPhase {
				open.Record(ctx, int64(n), metric.WithAttributes(phaseKey.String(string(phase))))
			}
		},
		Moved: func(from, to delivery.Phase, after time.Duration) {
			moved.Add(ctx, 1, metric.WithAttributes(attribute.String("lockerline.phase.from", string(from)), phaseKey.String(string(to))))
			lasted.record(ctx, after, phaseKey.String(string(from)))
		},
		Looked: func(n int, took time.Duration, err error) {
			looked.Add(ctx, int64(n))
			looks.record(ctx, took, result(0, err)...)
		},
		Notified: func(kind delivery.NoticeKind, after time.Duration, err error) {
			delay.record(ctx, after, result(0, err, attribute.String("lockerline.notice", string(kind)))...)
		},
		Unknown: func(n int) { unknown.Record(ctx, int64(n)) },
	}
}
