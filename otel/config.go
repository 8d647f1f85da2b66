package otel

import (
	"context"
	"time"

	global "go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	semconv "go.opentelemetry.io/otel/semconv/v1.43.0"
	"go.opentelemetry.io/otel/trace"
)

const scope = "github.com/lockerline/lockerline-go/otel"

// Option changes where spans and measurements go.
type Option func(*config)

type config struct {
	tracers trace.TracerProvider
	meters  metric.MeterProvider
}

// WithTracerProvider sets the provider of spans; the global one without it.
func WithTracerProvider(p trace.TracerProvider) Option { return func(c *config) { c.tracers = p } }

// WithMeterProvider sets the provider of metrics; the global one without it.
func WithMeterProvider(p metric.MeterProvider) Option { return func(c *config) { c.meters = p } }

func newConfig(opts []Option) config {
	c := config{global.GetTracerProvider(), global.GetMeterProvider()}
	for _, o := range opts {
		o(&c)
	}
	return c
}

func (c config) tracer() trace.Tracer {
	return c.tracers.Tracer(scope, trace.WithSchemaURL(semconv.SchemaURL))
}

// instruments makes instruments. What it cannot make it reports to OpenTelemetry's error
// handler, and the instrument then does nothing.
type instruments struct{ metric.Meter }

func (c config) instruments() instruments {
	return instruments{c.meters.Meter(scope, metric.WithSchemaURL(semconv.SchemaURL))}
}

func made[I any](i I, err error) I {
	if err != nil {
		global.Handle(err)
	}
	return i
}

func (m instruments) counter(name, unit, what string) metric.Int64Counter {
	return made(m.Int64Counter(name, metric.WithUnit(unit), metric.WithDescription(what)))
}

func (m instruments) gauge(name, unit, what string) metric.Int64Gauge {
	return made(m.Int64Gauge(name, metric.WithUnit(unit), metric.WithDescription(what)))
}

// seconds makes a histogram of durations with the given upper bounds.
func (m instruments) seconds(name, what string, bounds ...float64) duration {
	return duration{made(m.Float64Histogram(name, metric.WithUnit("s"), metric.WithDescription(what),
		metric.WithExplicitBucketBoundaries(bounds...)))}
}

type duration struct{ metric.Float64Histogram }

func (d duration) record(ctx context.Context, took time.Duration, attrs ...attribute.KeyValue) {
	d.Record(ctx, took.Seconds(), metric.WithAttributes(attrs...))
}

// Upper bounds of histograms, in seconds: of what a machine waits for, and of what people
// and trucks wait for.
var (
	short = []float64{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60}
	long  = []float64{1, 10, 30, 60, 300, 900, 3600, 4 * 3600, 12 * 3600, 24 * 3600, 72 * 3600, 7 * 24 * 3600}
)
